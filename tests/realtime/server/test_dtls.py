"""A call with somebody whose certificate is not like ours, as GStreamer's is."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone

import pytest
from aiortc import RTCCertificate, RTCPeerConnection
from aiortc.rtcdtlstransport import SRTPProtectionProfile
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

from realtime.clock import MS, SystemClock
from realtime.server.dtls import CERTIFICATES
from realtime.server.peer import Peer
from realtime.server.webrtc import connection
from tests.realtime.server import fakes


class RsaCertificate(RTCCertificate):
    """What GStreamer and some media servers have."""

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        context = super()._create_ssl_context(srtp_profiles)
        context.set_cipher_list(b"ECDHE-RSA-AES128-GCM-SHA256")
        return context


def rsa_certificate() -> RsaCertificate:
    key = rsa.generate_private_key(65_537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "studio")])
    now = datetime.now(timezone.utc)
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return RsaCertificate(key, cert)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_who_has_an_rsa_certificate_is_called_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def with_rsa() -> RTCPeerConnection:
        made = connection()
        assert len(getattr(made, CERTIFICATES)) == 1
        setattr(made, CERTIFICATES, [rsa_certificate()])
        return made

    monkeypatch.setattr(fakes, "connection", with_rsa)

    async def test() -> None:
        studio = fakes.Browser()
        peer = Peer(fakes.FakeFilter, SystemClock(), budget=80 * MS)
        try:
            await studio.accept(await peer.answer(await studio.offer()))
            await fakes.until(lambda: len(studio.seen) > 3)
        finally:
            await studio.close()
            await peer.close()

    asyncio.run(asyncio.wait_for(test(), 40))

"""What the encryption of picture and sound is agreed upon with.

aiortc offers only what suits an ECDSA certificate, as browsers have. GStreamer's is an RSA one, and
its connections failed: "no shared cipher". A test watches the names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiortc import RTCCertificate, RTCPeerConnection
from aiortc.rtcdtlstransport import SRTPProtectionProfile

if TYPE_CHECKING:
    from OpenSSL import SSL

CERTIFICATES = "_RTCPeerConnection__certificates"

CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA",
)
"""Those of browsers, each with a key of its own for every call. Few: a first message so long that
it is sent in parts is more than small programs understand."""


class Certificate(RTCCertificate):
    """An ECDSA certificate that also talks with one of RSA."""

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        context = super()._create_ssl_context(srtp_profiles)
        context.set_cipher_list(":".join(CIPHERS).encode())
        return context


def talk_with_anyone(connection: RTCPeerConnection) -> None:
    """Let ``connection`` reach who has an RSA certificate too; call it before it has any media."""
    setattr(connection, CERTIFICATES, [Certificate.generateCertificate()])

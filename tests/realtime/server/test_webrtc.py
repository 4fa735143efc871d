from __future__ import annotations

import asyncio

import pytest
from aiortc.codecs import vpx

from realtime.server import webrtc


def test_no_third_party_is_asked_and_a_face_gets_enough_bits() -> None:
    async def test() -> None:
        peer = webrtc.connection()
        assert vars(peer)["_RTCPeerConnection__configuration"].iceServers == []
        assert vpx.Vp8Encoder().target_bitrate == webrtc.BITRATE
        await peer.close()

    asyncio.run(test())


def test_a_machine_without_a_network_is_called_at_its_own_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def found(_ipv4: bool, _ipv6: bool) -> list[str]:
        return addresses

    monkeypatch.setattr(webrtc, "_network_addresses", found)
    addresses = ["192.0.2.7"]
    assert webrtc.host_addresses(True, True) == ["192.0.2.7"]
    addresses = []
    assert webrtc.host_addresses(True, True) == ["127.0.0.1"]

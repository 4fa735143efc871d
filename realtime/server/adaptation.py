"""Ties one connection's encoder to what its receiver reports: the private seams of aiortc in use.

aiortc has no public way to give a sender an encoder or to read a receiver's reports as they come;
a test watches the names.
"""

from __future__ import annotations

from typing import Any

from aiortc import RTCPeerConnection, RTCRtpSender
from aiortc.rtp import RtcpRrPacket, RtcpSrPacket

from realtime.clock import Clock
from realtime.server.bitrate import Bitrate
from realtime.server.encoder import new_encoder

ENCODER = "_RTCRtpSender__encoder"
PREFERRED = ("H264", "VP8")


def prefer_cheap_codecs(peer: RTCPeerConnection) -> None:
    """Put the codec that costs least first; call it between an offer and its answer."""
    for transceiver in peer.getTransceivers():
        if transceiver.kind == "video":
            codecs = transceiver._codecs  # pyright: ignore[reportPrivateUsage]
            codecs.sort(key=lambda codec: _rank(codec.name))


def adapt(peer: RTCPeerConnection, rate: Bitrate, clock: Clock) -> None:
    """Let the picture follow the connection; call it when the answer is made, before it is sent."""
    for transceiver in peer.getTransceivers():
        codecs = transceiver._codecs  # pyright: ignore[reportPrivateUsage]
        if transceiver.kind != "video" or not codecs:
            continue
        encoder = new_encoder(codecs[0].name, rate, clock)
        if encoder is not None:
            setattr(transceiver.sender, ENCODER, encoder)
        _listen(transceiver.sender, rate, clock)


def _rank(name: str) -> int:
    """Order codecs as preferred; what belongs to none of them (retransmission) comes last."""
    return PREFERRED.index(name.upper()) if name.upper() in PREFERRED else len(PREFERRED)


def _listen(sender: RTCRtpSender, rate: Bitrate, clock: Clock) -> None:
    """Read the receiver's reports before the sender does."""
    handle = sender._handle_rtcp_packet  # pyright: ignore[reportPrivateUsage]
    ssrc = sender._ssrc  # pyright: ignore[reportPrivateUsage]

    async def heard(packet: Any) -> None:
        if isinstance(packet, (RtcpRrPacket, RtcpSrPacket)):
            for report in packet.reports:
                if report.ssrc == ssrc:
                    rate.report(report.fraction_lost / 256, clock.now())
        await handle(packet)

    sender._handle_rtcp_packet = heard  # pyright: ignore[reportPrivateUsage]

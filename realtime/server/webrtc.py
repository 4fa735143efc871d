"""The one door to aiortc: what the call uses of it, set up for a face and for no third party."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from functools import partial

from aioice import ice
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.codecs import vpx
from aiortc.mediastreams import MediaStreamError

from realtime.clock import Clock
from realtime.server.capture import Kind
from realtime.server.connecting import BROKEN, Connection
from realtime.server.datagrams import take_all
from realtime.server.dtls import talk_with_anyone
from realtime.server.economy import be_frugal
from realtime.server.ice import IceServer
from realtime.server.jitter import PromptJitterBuffer
from realtime.server.repair import receive_promptly
from realtime.server.reports import listen
from realtime.server.sound_coding import decode_at_once, encode_at_once

__all__ = [
    "BROKEN",
    "Connection",
    "MediaStreamError",
    "MediaStreamTrack",
    "RTCPeerConnection",
    "RTCRtpSender",
    "RTCSessionDescription",
    "add_live_track",
    "connection",
    "hasten",
]

BITRATE = 2_000_000
"""Bits a second of the VP8 that is sent, unless the browser asks for less because the network does
not carry it. aiortc's own 0.5 million blurs a face, and each time that its rate has climbed by a
tenth it begins anew with a coarse key frame."""

_network_addresses = ice.get_host_addresses


def connection(servers: Sequence[IceServer] = ()) -> Connection:
    """Return an unconnected peer. Without a configuration aiortc would ask Google's STUN server."""
    # aiortc reads these when it makes an encoder and has no other way to set them.
    vpx.DEFAULT_BITRATE = BITRATE  # pyright: ignore[reportConstantRedefinition]
    vpx.MAX_BITRATE = BITRATE  # pyright: ignore[reportConstantRedefinition]
    ice.get_host_addresses = host_addresses
    be_frugal()
    take_all()
    ice_servers = [RTCIceServer(s.url, s.username, s.credential) for s in servers]
    peer = Connection(RTCConfiguration(iceServers=ice_servers))
    talk_with_anyone(peer)
    return peer


def host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    """Return the addresses to be called at; this machine's own where it has no network.

    aioice leaves that one out and then cannot call at all, nor has it a setting for it.
    """
    return _network_addresses(use_ipv4, use_ipv6) or ["127.0.0.1"]


def add_live_track(
    peer: RTCPeerConnection, track: MediaStreamTrack, stream: str | None = None
) -> RTCRtpSender:
    """Send ``track`` in the media stream of that name, or in one of its own.

    Two tracks of one stream a browser keeps together by itself, by sender reports: it moves the
    picture in steps of tens of milliseconds and calls 30 ms in step. Apart they are released so
    that they meet at the screen, by what the page tells of its own delays.
    """
    sender = peer.addTrack(track)
    sender._stream_id = stream or str(uuid.uuid4())  # pyright: ignore[reportPrivateUsage]
    if track.kind == "audio":
        encode_at_once(sender)
    return sender


def hasten(
    peer: RTCPeerConnection,
    on_report: Callable[[Kind, int | None, int, int], None],
    clock: Clock,
) -> None:
    """Let received pictures and sound through at once; call it between an offer and its answer.

    ``on_report`` gets the kind of a track, its first RTP stamp, and of each of the browser's
    sender reports stamp and NTP time, nanoseconds.
    """
    for transceiver in peer.getTransceivers():
        kind: Kind = "video" if transceiver.kind == "video" else "audio"
        buffer = receive_promptly(transceiver.receiver, clock, is_video=kind == "video")
        if kind == "audio":
            decode_at_once(transceiver.receiver)
        listen(transceiver.receiver, partial(_tell, on_report, kind, buffer))


def _tell(
    on_report: Callable[[Kind, int | None, int, int], None],
    kind: Kind,
    buffer: PromptJitterBuffer,
    stamp: int,
    ntp: int,
) -> None:
    on_report(kind, buffer.first, stamp, ntp)

"""The one door to aiortc: what the call uses of it, set up for a face and for no third party."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from aioice import ice
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.codecs import vpx
from aiortc.mediastreams import MediaStreamError

from realtime.server.ice import IceServer
from realtime.server.jitter import PromptJitterBuffer

__all__ = [
    "MediaStreamError",
    "MediaStreamTrack",
    "RTCPeerConnection",
    "RTCSessionDescription",
    "add_live_track",
    "connection",
    "hasten",
]

BITRATE = 2_000_000
"""Bits a second of the VP8 that is sent, unless the browser asks for less because the network does
not carry it. aiortc's own 0.5 million blurs a face, and each time that its rate has climbed by a
tenth it begins anew with a coarse key frame."""

JITTER_BUFFER = "_RTCRtpReceiver__jitter_buffer"
"""Where aiortc keeps what it holds back; it has no public way in, and a test watches the name."""

_network_addresses = ice.get_host_addresses


def connection(servers: Sequence[IceServer] = ()) -> RTCPeerConnection:
    """Return an unconnected peer. Without a configuration aiortc would ask Google's STUN server."""
    # aiortc reads these when it makes an encoder and has no other way to set them.
    vpx.DEFAULT_BITRATE = BITRATE  # pyright: ignore[reportConstantRedefinition]
    vpx.MAX_BITRATE = BITRATE  # pyright: ignore[reportConstantRedefinition]
    ice.get_host_addresses = host_addresses
    ice_servers = [RTCIceServer(s.url, s.username, s.credential) for s in servers]
    return RTCPeerConnection(RTCConfiguration(iceServers=ice_servers))


def host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    """Return the addresses to be called at; this machine's own where it has no network.

    aioice leaves that one out and then cannot call at all, nor has it a setting for it.
    """
    return _network_addresses(use_ipv4, use_ipv6) or ["127.0.0.1"]


def add_live_track(peer: RTCPeerConnection, track: MediaStreamTrack) -> None:
    """Send ``track`` in a media stream of its own.

    Two tracks of one stream a browser keeps together by itself, and by aiortc's reports of when
    they were *sent*: it holds the picture for as long as its own jitter buffer holds the sound, 60
    to 150 ms, and the person at the page sees themselves that much later.
    """
    peer.addTrack(track)._stream_id = str(uuid.uuid4())  # pyright: ignore[reportPrivateUsage]


def hasten(peer: RTCPeerConnection) -> None:
    """Let received pictures and sound through at once; call it between an offer and its answer."""
    for transceiver in peer.getTransceivers():
        buffer = PromptJitterBuffer(is_video=transceiver.kind == "video")
        setattr(transceiver.receiver, JITTER_BUFFER, buffer)

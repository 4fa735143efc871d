"""The one door to aiortc: what the call uses of it, set up for a face and for no third party."""

from __future__ import annotations

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.codecs import vpx
from aiortc.mediastreams import MediaStreamError

__all__ = [
    "MediaStreamError",
    "MediaStreamTrack",
    "RTCPeerConnection",
    "RTCSessionDescription",
    "connection",
]

BITRATE = 2_000_000
"""Bits a second of the VP8 that is sent, unless the browser asks for less because the network does not
carry it. aiortc's own 0.5 million blurs a face, and each time that its rate has climbed by a tenth it
begins anew with a coarse key frame."""


def connection() -> RTCPeerConnection:
    """Return an unconnected peer. Without a configuration aiortc would ask Google's STUN server."""
    # aiortc reads these when it makes an encoder and has no other way to set them.
    vpx.DEFAULT_BITRATE = BITRATE  # pyright: ignore[reportConstantRedefinition]
    vpx.MAX_BITRATE = BITRATE  # pyright: ignore[reportConstantRedefinition]
    return RTCPeerConnection(RTCConfiguration(iceServers=[]))

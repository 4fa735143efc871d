"""The one door to aiortc: what the call uses of it, set up to reach no third party."""

from __future__ import annotations

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

__all__ = [
    "MediaStreamError",
    "MediaStreamTrack",
    "RTCPeerConnection",
    "RTCSessionDescription",
    "connection",
]


def connection() -> RTCPeerConnection:
    """Return an unconnected peer. Without a configuration aiortc would ask Google's STUN server."""
    return RTCPeerConnection(RTCConfiguration(iceServers=[]))

"""An offer in, an answer out, and the end: what every connection does, whoever is at the other end.

aiortc believes what it reads. What its parser and its state raise for nonsense is of any kind.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from realtime.clock import Clock
from realtime.server.adaptation import adapt, prefer_cheap_codecs
from realtime.server.bitrate import Bitrate
from realtime.server.offer import OfferError, check_offer
from realtime.server.webrtc import RTCPeerConnection, RTCSessionDescription

logger = logging.getLogger(__name__)

ICE_TRANSPORTS = "_RTCPeerConnection__iceTransports"


async def take_offer(connection: RTCPeerConnection, sdp: str) -> list[str]:
    """Read an offer; return the kinds of its media, sorted.

    Raises:
        OfferError: it is broken, or has no picture, or more than one.
    """
    check_offer(sdp)
    try:
        await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
    except Exception as error:  # aiortc's parser raises whatever its slicing raises
        raise OfferError("The session description cannot be read.") from error
    kinds = sorted(t.kind for t in connection.getTransceivers())
    if kinds not in (["video"], ["audio", "video"]):
        raise OfferError("An offer needs one picture and at most one sound.")
    return kinds


async def give_answer(connection: RTCPeerConnection, rate: Bitrate, clock: Clock) -> str:
    """Return the answer, by which pictures follow the connection.

    Raises:
        OfferError: the offer contradicts itself.
    """
    prefer_cheap_codecs(connection)
    try:
        answer = await connection.createAnswer()
        adapt(connection, rate, clock)
        await connection.setLocalDescription(answer)
    except Exception as error:  # what it raises depends on what was missing
        raise OfferError("The session description contradicts itself.") from error
    return connection.localDescription.sdp


async def hang_up(connection: RTCPeerConnection) -> None:
    """Close a connection, whatever state an odd offer has left it in; no socket stays open."""
    connection.remove_all_listeners()
    try:
        await connection.close()
    except Exception as error:  # noqa: BLE001 - half made, it fails wherever it was left
        logger.debug("a connection was not whole: %r", error)
        transports: set[Any] = getattr(connection, ICE_TRANSPORTS)
        await asyncio.gather(*(t.stop() for t in transports), return_exceptions=True)

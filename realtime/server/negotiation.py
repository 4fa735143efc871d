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
from realtime.server.description import read_offer
from realtime.server.offer import OfferError, with_few_names
from realtime.server.webrtc import Connection, RTCPeerConnection, RTCSessionDescription

logger = logging.getLogger(__name__)

ICE_TRANSPORTS = "_RTCPeerConnection__iceTransports"


async def take_offer(connection: RTCPeerConnection, sdp: str) -> list[str]:
    """Read an offer; return the kinds of its media, sorted.

    Raises:
        OfferError: it is broken, or cannot be followed.
    """
    kinds = read_offer(sdp)
    offer = RTCSessionDescription(with_few_names(sdp), "offer")
    try:
        await connection.setRemoteDescription(offer)
    except Exception as error:  # what it raises depends on what did not fit
        raise OfferError("The session description cannot be followed.") from error
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


async def hang_up(connection: Connection) -> None:
    """Close a connection, whatever state an odd offer has left it in; no socket stays open."""
    connection.remove_all_listeners()
    connection.give_up()
    try:
        await connection.close()
    except Exception as error:  # noqa: BLE001 - half made, it fails wherever it was left
        logger.debug("a connection was not whole: %r", error)
        transports: set[Any] = getattr(connection, ICE_TRANSPORTS)
        await asyncio.gather(*(t.stop() for t in transports), return_exceptions=True)

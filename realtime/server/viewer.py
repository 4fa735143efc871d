"""Somebody who watches a call without taking part: its filtered picture and sound, one way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from realtime.clock import Clock
from realtime.server.bitrate import Bitrate
from realtime.server.ice import IceServer
from realtime.server.negotiation import give_answer, hang_up, take_offer
from realtime.server.peer import Peer
from realtime.server.webrtc import BROKEN, add_live_track, connection

STREAM = "visavis"
"""The one media stream of picture and sound."""


class Viewer:
    """Answers one offer with what ``peer`` sends, encoded for this viewer's own network.

    ``ended`` is done when the viewer has gone. Belongs to the event loop.
    """

    def __init__(self, peer: Peer, ice: Sequence[IceServer], clock: Clock) -> None:
        self._peer = peer
        self._clock = clock
        self._connection = connection(ice)
        self._connection.on("connectionstatechange", self._follow)
        self._connection.on(BROKEN, self._end)
        self._tracks = peer.watched()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def connected(self) -> bool:
        """Whether pictures can be sent."""
        return self._connection.connectionState == "connected"

    async def answer(self, sdp: str) -> str:
        """Return the answer to an offer.

        Raises:
            OfferError: the offer is broken, or wants no picture, or more than one.
        """
        kinds = await take_offer(self._connection, sdp)
        for track in self._tracks[: len(kinds)]:
            # No page tells what its player does; by true reports it keeps both together itself.
            sender = add_live_track(self._connection, track, STREAM)
            self._peer.report_to(sender, track)
        for transceiver in self._connection.getTransceivers():
            transceiver.direction = "sendonly"
        return await give_answer(self._connection, Bitrate(), self._clock)

    async def close(self) -> None:
        """Release everything; may be called twice."""
        self._peer.unwatched(self._tracks[0])
        for track in self._tracks:
            track.stop()
        await hang_up(self._connection)
        self._end()

    def _follow(self) -> None:
        if self._connection.connectionState in ("failed", "closed"):
            self._end()

    def _end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

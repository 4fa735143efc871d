"""What happens on one page's WebSocket: an offer, its answer, then edits in and telemetry out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from starlette.websockets import WebSocketDisconnect

from realtime.server.calls import Call
from realtime.server.description import read_offer
from realtime.server.messages import MessageError, Offer, Ping, Played, RecordChange, Request
from realtime.server.peer import OfferError, Peer
from realtime.server.replies import (
    Recording,
    answer_message,
    error_message,
    hello_message,
    pong_message,
    recording_message,
)
from realtime.server.talk import Talk

logger = logging.getLogger(__name__)

OFFER_WITHIN = 30.0
"""Seconds that a page may hold a place without calling."""

TELL_EVERY = 0.25
"""Seconds between two readings of the telemetry."""


class Conversation:
    """Ties one call to one socket: when either ends, so does the other.

    A message that cannot be followed is answered with a sentence and changes nothing. Controllers
    come and go beside it: they share the call's controls and are told what the page is told.
    """

    def __init__(
        self,
        talk: Talk,
        call: Call,
        new_peer: Callable[[], Awaitable[Peer]],
        ice_servers: Sequence[Mapping[str, object]] = (),
    ) -> None:
        self._talk = talk
        self._call = call
        self._new_peer = new_peer
        self._hello = replace(call.hello, ice_servers=ice_servers)

    async def run(self) -> None:
        """Talk until the page goes, the call ends or the offer fails to come."""
        logger.info("page connected")
        try:
            async with self._talk:
                self._talk.say(hello_message(self._hello))
                with self._call.controls.following(self._talk.say):
                    await self._converse()
        except WebSocketDisconnect:
            pass
        finally:
            if self._call.peer is not None:
                await self._call.peer.close()
            logger.info("page gone")

    async def _converse(self) -> None:
        try:
            peer = await asyncio.wait_for(self._await_call(), OFFER_WITHIN)
        except (asyncio.TimeoutError, TimeoutError):
            sentence = "No call was begun in time; start again."
            self._talk.say(error_message(sentence, final=True, code="late"))
            return
        tasks = (asyncio.create_task(self._listen(peer)), asyncio.create_task(self._tell(peer)))
        try:
            await asyncio.wait({*tasks, peer.ended}, return_when=asyncio.FIRST_COMPLETED)
            if peer.ended.done() and (reason := peer.ended.result()):
                logger.warning("call ended: %s", reason)
                self._call.controls.tell(error_message(reason, final=True, code="ended"))
        finally:
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
                    logger.error("the conversation broke off", exc_info=result)

    async def _await_call(self) -> Peer:
        while True:
            request = await self._talk.request()
            if isinstance(request, Offer):
                peer = await self._answer(request.sdp)
                if peer is not None:
                    return peer
            else:
                self._obey(request)

    async def _listen(self, peer: Peer) -> None:
        while True:
            request = await self._talk.request()
            if isinstance(request, Offer):
                self._talk.complain("This call has begun already; end it to start another.")
            elif isinstance(request, Played):
                peer.played(request.pictures, request.sounds)
            else:
                self._obey(request)

    async def _tell(self, peer: Peer) -> None:
        while True:
            await asyncio.sleep(TELL_EVERY)
            self._call.controls.tell(peer.telemetry().as_message())

    async def _answer(self, sdp: str) -> Peer | None:
        """Return who answered the offer; None where it could not be, having said so."""
        peer: Peer | None = None
        try:
            read_offer(sdp)  # before anything is made for it
            peer = await self._new_peer()
            answer = await peer.answer(sdp)
            self._call.lead(peer)
        except OfferError as error:
            self._talk.complain(str(error))
            return None
        finally:
            if peer is not None and peer is not self._call.peer:
                await peer.close()
        self._talk.say(answer_message(answer))
        return peer

    def _obey(self, request: Request) -> None:
        obey(request, self._call, self._talk, owner=True)


def obey(request: Request, call: Call, talk: Talk, *, owner: bool) -> None:
    """Do what page and controllers may ask alike, and answer what cannot be done."""
    match request:
        case Offer():
            talk.complain("A controller does not call; send the offer to /call.")
        case Played():
            return  # of a controller, or of a call that has not begun
        case Ping(t):
            talk.say(pong_message(t))
        case RecordChange(on=True) if not owner:
            talk.complain("Only the page of the call may begin to record it.")
        case RecordChange(on, what):
            if call.peer is None:
                none = Recording(on=False, error="There is no call to record yet.")
                talk.say(recording_message(none))
            else:
                call.peer.record(on, tuple(dict.fromkeys(what)))
        case _:
            try:
                call.controls.follow(request, owner=owner)
            except MessageError as error:
                talk.complain(str(error))

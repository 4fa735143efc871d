"""What happens on one page's WebSocket: an offer, its answer, then edits in and telemetry out."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping

from starlette.websockets import WebSocket, WebSocketDisconnect

from realtime.bounds import Bounds, bounded
from realtime.server.messages import (
    EditChange,
    MessageError,
    Offer,
    edit_message,
    error_message,
    parse,
)
from realtime.server.peer import OfferError, Peer
from realtime.types import Edit

OFFER_WITHIN = 30.0
"""Seconds that a page may hold a place without calling."""

TELL_EVERY = 0.25
"""Seconds between two readings of the telemetry."""


class Conversation:
    """Ties one call to one socket: when either ends, so does the other.

    A message that cannot be followed is answered with a sentence and changes nothing.
    """

    def __init__(
        self,
        socket: WebSocket,
        new_peer: Callable[[], Peer],
        edit: Edit,
        bounds: Bounds,
        log: logging.LoggerAdapter[logging.Logger],
    ) -> None:
        self._socket = socket
        self._new_peer = new_peer
        self._edit = bounded(edit, bounds)
        self._bounds = bounds
        self._log = log
        self._peer: Peer | None = None

    async def run(self) -> None:
        """Talk until the page goes, the call ends or the offer fails to come."""
        self._log.info("page connected")
        try:
            await self._talk()
        except WebSocketDisconnect:
            pass
        finally:
            if self._peer is not None:
                await self._peer.close()
            self._log.info("page gone")

    async def _talk(self) -> None:
        await self._send(edit_message(self._edit))
        try:
            peer = await asyncio.wait_for(self._await_call(), OFFER_WITHIN)
        except (asyncio.TimeoutError, TimeoutError):
            await self._send(error_message("No call was begun in time; start again.", final=True))
            return
        listen = asyncio.create_task(self._listen(peer))
        tell = asyncio.create_task(self._tell(peer))
        tasks = (listen, tell)
        try:
            await asyncio.wait({*tasks, peer.ended}, return_when=asyncio.FIRST_COMPLETED)
            if peer.ended.done() and (reason := peer.ended.result()):
                self._log.warning("call ended: %s", reason)
                await self._send(error_message(reason, final=True))
        finally:
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
                    self._log.error("the conversation broke off", exc_info=result)

    async def _await_call(self) -> Peer:
        while True:
            match await self._receive():
                case Offer(sdp):
                    peer = await self._answer(sdp)
                    if peer is not None:
                        return peer
                case EditChange() as change:
                    await self._change(change)
                case None:
                    continue

    async def _listen(self, peer: Peer) -> None:
        while True:
            match await self._receive():
                case Offer():
                    await self._complain("This call has begun already; end it to start another.")
                case EditChange() as change:
                    await self._change(change)
                    peer.edit = self._edit
                case None:
                    continue

    async def _tell(self, peer: Peer) -> None:
        while True:
            await asyncio.sleep(TELL_EVERY)
            await self._send(peer.telemetry().as_message())

    async def _answer(self, sdp: str) -> Peer | None:
        self._peer = self._new_peer()
        self._peer.edit = self._edit
        try:
            await self._send({"type": "answer", "sdp": await self._peer.answer(sdp)})
        except OfferError as error:
            await self._peer.close()
            await self._complain(str(error))
            return None
        return self._peer

    async def _change(self, change: EditChange) -> None:
        self._edit = bounded(change.apply(self._edit), self._bounds)
        await self._send(edit_message(self._edit))

    async def _receive(self) -> Offer | EditChange | None:
        """Return the next message that makes sense, or None after having said what does not."""
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000))
        try:
            return parse(message.get("text") or "")
        except MessageError as error:
            await self._complain(str(error))
            return None

    async def _complain(self, sentence: str) -> None:
        await self._send(error_message(sentence))

    async def _send(self, message: Mapping[str, object]) -> None:
        await self._socket.send_text(json.dumps(message))

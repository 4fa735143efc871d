"""One socket's messages in and out: what is too much is refused, what makes no sense answered."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import AsyncExitStack
from types import TracebackType

from starlette.websockets import WebSocket, WebSocketDisconnect

from realtime.clock import Clock
from realtime.server.allowance import RATE, Allowance, Verdict
from realtime.server.messages import MessageError, Request, parse
from realtime.server.outbox import Outbox
from realtime.server.replies import Message, error_message

logger = logging.getLogger(__name__)

POLICY = 1008
"""The close code for who does not keep to the rules."""

FLUSH_WITHIN = 2.0
"""Seconds that the last messages get to be sent."""


class Talk:
    """Reads requests and sends replies until either side ends. Enter it to begin to send."""

    def __init__(self, socket: WebSocket, clock: Clock) -> None:
        self._socket = socket
        self._clock = clock
        self._allowance = Allowance()
        self._outbox = Outbox()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Talk:
        sender = asyncio.create_task(self._send())
        self._stack.push_async_callback(self._finish, sender)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    def say(self, message: Message) -> None:
        """Send ``message`` in its turn."""
        self._outbox.put(message)

    def complain(self, sentence: str) -> None:
        """Answer what cannot be followed."""
        self.say(error_message(sentence))

    async def request(self) -> Request:
        """Return the next request that makes sense, having answered what does not.

        Raises:
            WebSocketDisconnect: the other side has gone, or was sent away.
        """
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1000))
            if not await self._welcome():
                continue
            try:
                return parse(message.get("text") or "")
            except MessageError as error:
                self.complain(str(error))

    async def _welcome(self) -> bool:
        match self._allowance.spend(self._clock.now()):
            case Verdict.FOLLOW:
                return True
            case Verdict.COMPLAIN:
                self.complain(f"More than {RATE:g} messages a second are not read.")
            case Verdict.IGNORE:
                pass
            case Verdict.END:
                logger.warning("sent away: far too many messages")
                await self._socket.close(POLICY, "far too many messages")
                raise WebSocketDisconnect(POLICY)
        return False

    async def _send(self) -> None:
        try:
            while (message := await self._outbox.get()) is not None:
                await self._socket.send_text(json.dumps(message))
        except (WebSocketDisconnect, RuntimeError):  # gone, or closed by us: starlette says either
            return

    async def _finish(self, sender: asyncio.Task[None]) -> None:
        self._outbox.close()
        await asyncio.wait([sender], timeout=FLUSH_WITHIN)
        sender.cancel()
        for failure in await asyncio.gather(sender, return_exceptions=True):
            if isinstance(failure, Exception):
                logger.error("a message could not be sent", exc_info=failure)

"""What happens on a controller's WebSocket: it shares a running call's controls."""

from __future__ import annotations

import asyncio
import logging

from starlette.websockets import WebSocketDisconnect

from realtime.logs import CALL
from realtime.server.calls import Call
from realtime.server.conversation import obey
from realtime.server.replies import error_message, hello_message
from realtime.server.talk import Talk

logger = logging.getLogger(__name__)


class Controller:
    """Ties a command line or a script to a call that goes on without it."""

    def __init__(self, talk: Talk, call: Call) -> None:
        self._talk = talk
        self._call = call

    async def run(self) -> None:
        """Obey until the controller goes or the call ends."""
        CALL.set(self._call.number)  # for the rest of this socket's task
        logger.info("controller connected")
        try:
            async with self._talk:
                self._talk.say(hello_message(self._call.hello))
                with self._call.controls.following(self._talk.say):
                    await self._until_either_ends()
        except WebSocketDisconnect:
            pass
        finally:
            logger.info("controller gone")

    async def _until_either_ends(self) -> None:
        listen = asyncio.create_task(self._listen())
        ended = asyncio.create_task(self._call.ended.wait())
        try:
            await asyncio.wait({listen, ended}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                self._talk.say(error_message("The call has ended.", final=True, code="ended"))
        finally:
            for task in (listen, ended):
                task.cancel()
            for result in await asyncio.gather(listen, ended, return_exceptions=True):
                if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
                    logger.error("the controller's talk broke off", exc_info=result)

    async def _listen(self) -> None:
        while True:
            request = await self._talk.request()
            obey(request, self._call, self._talk, owner=False)

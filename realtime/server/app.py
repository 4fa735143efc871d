"""The web application: the page, and one WebSocket a call beside it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, MutableMapping
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.routing import Mount, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from starlette.websockets import WebSocket

from realtime.clock import MS, Clock, SystemClock
from realtime.config import Config
from realtime.server.conversation import Conversation
from realtime.server.gate import Gate
from realtime.server.messages import error_message
from realtime.server.peer import Peer
from realtime.server.spare import Spare
from realtime.session import Filter

if TYPE_CHECKING:
    Adapter = logging.LoggerAdapter[logging.Logger]
else:
    Adapter = logging.LoggerAdapter  # takes no parameter before Python 3.11

logger = logging.getLogger(__name__)

PAGE = Path(__file__).parent / "page"

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""The page loads nothing from elsewhere; this makes the browser hold it to that."""

REFILL_AFTER = 5.0
"""Seconds into a call before the filter for the next one is built: the first picture goes first."""

TRY_AGAIN_LATER = 1013


class Calls:
    """Takes in calls up to a number, each with a filter of its own."""

    def __init__(self, config: Config, build_filter: Callable[[], Filter], clock: Clock) -> None:
        self._config = config
        self._spare = Spare(build_filter)
        self._clock = clock
        self._numbers = count(1)
        self.open = 0

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncGenerator[None, None]:
        """Warm up the first filter; let go of the last spare one."""
        self._spare.prepare()
        try:
            yield
        finally:
            await asyncio.to_thread(self._spare.close)

    async def converse(self, socket: WebSocket) -> None:
        """Serve one page's socket, or say that there is no room."""
        await socket.accept()
        limit = self._config.server.sessions
        if self.open >= limit:
            sentence = f"All places ({limit}) are taken; try again when another call has ended."
            await socket.send_json(error_message(sentence, final=True))
            await socket.close(TRY_AGAIN_LATER)
            return
        self.open += 1
        log = CallLog(logger, {"call": next(self._numbers)})
        try:
            await Conversation(
                socket, self._new_peer, self._config.edit, self._config.bounds, log
            ).run()
        finally:
            self.open -= 1

    def _new_peer(self) -> Peer:
        asyncio.get_running_loop().call_later(REFILL_AFTER, self._spare.prepare)
        budget = round(self._config.filter.budget_ms * MS)
        return Peer(self._spare.take, self._clock, budget=budget)


class CallLog(Adapter):
    """Names the call in front of each line."""

    def process(
        self, msg: object, kwargs: MutableMapping[str, Any]
    ) -> tuple[str, MutableMapping[str, Any]]:
        """Put the call's number in front."""
        extra: Mapping[str, object] = self.extra or {}
        return f"call {extra['call']}: {msg}", kwargs


class Page(StaticFiles):
    """The static files, with headers that keep the page to itself."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file with the headers added."""
        response = await super().get_response(path, scope)
        MutableHeaders(raw=response.raw_headers).update(HEADERS)
        return response


def is_open(path: str) -> bool:
    """Tell whether ``path`` needs no token: the page's own files, and the sign of life."""
    return path in ("/", "/healthz") or (PAGE / path.lstrip("/")).is_file()


def create_app(
    config: Config,
    build_filter: Callable[[], Filter],
    clock: Clock | None = None,
    gate: Gate | None = None,
) -> Starlette:
    """Return the application; ``build_filter`` gives each call a filter of its own."""
    clock = clock or SystemClock()
    gate = gate or Gate.of(config, clock)
    calls = Calls(config, build_filter, clock)
    return Starlette(
        routes=[
            WebSocketRoute("/call", calls.converse),
            Mount("/", Page(directory=PAGE, html=True)),
        ],
        middleware=gate.guards(is_open),
        lifespan=calls.lifespan,
    )

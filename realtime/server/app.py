"""The web application: the page, and the WebSockets beside it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from starlette.websockets import WebSocket

from realtime.clock import MS, Clock, SystemClock
from realtime.config import Config
from realtime.filter import Filter
from realtime.osc.settings import OscPorts
from realtime.server.archive import Archive
from realtime.server.calls import CallError, Calls
from realtime.server.controller import Controller
from realtime.server.conversation import Conversation
from realtime.server.gate import Gate
from realtime.server.ice import IceServers
from realtime.server.replies import error_message
from realtime.server.talk import POLICY, Talk
from realtime.server.watch import Watch
from realtime.server.whip import HttpSignalling
from realtime.voice.share import OpenVoice, no_voice

PAGE = Path(__file__).parent / "page"

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""The page loads nothing from elsewhere; this makes the browser hold it to that."""

TRY_AGAIN_LATER = 1013


class Sockets:
    """The WebSockets: one that calls for each call, and those that control one that runs."""

    def __init__(self, calls: Calls, ice: IceServers, clock: Clock) -> None:
        self._calls = calls
        self._ice = ice
        self._clock = clock

    async def converse(self, socket: WebSocket) -> None:
        """Serve one page's socket, or say that there is no room."""
        await socket.accept()
        try:
            async with self._calls.place() as call:
                servers = [server.as_message() for server in self._ice.issue()]
                talk = Talk(socket, self._clock)
                await Conversation(talk, call, self._calls.new_peer, servers).run()
        except CallError as error:
            await turn_away(socket, error, TRY_AGAIN_LATER)

    async def attach(self, socket: WebSocket) -> None:
        """Serve a controller's socket, or say that there is nothing to control."""
        await socket.accept()
        try:
            call = self._calls.find(socket.query_params.get("session"))
        except CallError as error:
            await turn_away(socket, error, POLICY)
            return
        await Controller(Talk(socket, self._clock), call).run()

    async def sessions(self, _request: Request) -> Response:
        """List the calls that run; whoever may read this may control each."""
        now = self._clock.now()
        rows = [
            {
                "session": call.hello.session,
                "call": call.number,
                "seconds": (now - call.began) // (1000 * MS),
            }
            for call in self._calls
        ]
        return JSONResponse({"sessions": rows}, headers=HEADERS)


async def turn_away(socket: WebSocket, error: CallError, code: int) -> None:
    """Say why, and end the socket."""
    await socket.send_json(error_message(str(error), final=True, code=error.code))
    await socket.close(code)


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
    osc: OscPorts | None = None,
    open_voice: OpenVoice = no_voice,
) -> Starlette:
    """Return the application; ``build_filter`` gives each call a filter of its own.

    ``open_voice`` loads what listens to voices, once, when the first face is to follow one.
    """
    clock = clock or SystemClock()
    gate = gate or Gate.of(config, clock)
    archive = Archive(
        config.recording,
        local=gate.local,
        ticketed=gate.access.ticketed,
        network=config.filter.network,
    )
    calls = Calls(config, build_filter, clock, gate.ice, archive, osc, open_voice)
    sockets = Sockets(calls, gate.ice, clock)
    watch = Watch(calls, gate.access)
    http = HttpSignalling(calls, gate.ice, clock)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None, None]:
        async with calls.lifespan(app):
            yield
            await http.close()

    return Starlette(
        routes=[
            WebSocketRoute("/call", sockets.converse),
            WebSocketRoute("/control", sockets.attach),
            Route("/sessions", sockets.sessions),
            Route("/healthz", watch.healthz),
            Route("/metrics", watch.metrics),
            Route("/recordings/{key}/{name}", archive.serve),
            *http.routes(),
            Mount("/", Page(directory=PAGE, html=True)),
        ],
        middleware=gate.guards(is_open),
        lifespan=lifespan,
    )

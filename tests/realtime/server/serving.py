"""The real server on a free port, in the loop of the test that talks to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from typing import Any, cast

from websockets.asyncio.client import ClientConnection, connect

from realtime.clock import SystemClock
from realtime.config import Config, ServerSettings
from realtime.filter import EmotionFilter
from realtime.osc.settings import OscPorts
from realtime.server.app import create_app
from realtime.server.gate import Gate
from realtime.server.secret import Secret
from realtime.server.serving import listen, new_server
from tests.realtime.server.fakes import FakeFilter, until

Message = dict[str, Any]


@asynccontextmanager
async def server(
    config: Config | None = None,
    build: Callable[[], EmotionFilter] = FakeFilter,
    token: Secret | None = None,
    osc: OscPorts | None = None,
) -> AsyncGenerator[str, None]:
    """Yield host:port of a running server."""
    config = config or Config(server=ServerSettings(port=0))
    with listen(config.server) as listener:
        clock = SystemClock()
        uvicorn = new_server(create_app(config, build, clock, Gate.of(config, clock, token), osc))
        task = asyncio.create_task(uvicorn.serve(sockets=[listener]))
        try:
            await until(lambda: uvicorn.started)
            host, port = listener.getsockname()[:2]
            yield f"{host}:{port}"
        finally:
            uvicorn.should_exit = True
            await task


@asynccontextmanager
async def controller(where: str, session: str | None = None) -> AsyncGenerator[ClientConnection]:
    """Yield the socket that a script would open."""
    query = "" if session is None else f"?session={session}"
    async with connect(f"ws://{where}/control{query}") as socket:
        yield socket


@asynccontextmanager
async def page(
    where: str, *, origin: str | None = "same"
) -> AsyncGenerator[ClientConnection, None]:
    """Yield the socket that the page would open."""
    given = f"http://{where}" if origin == "same" else origin
    async with connect(f"ws://{where}/call", origin=cast(Any, given)) as socket:
        yield socket


PASSED_OVER = ("hello", "show", "follow", "bounds", "telemetry")


def run(test: Callable[[], Awaitable[None]]) -> None:
    """Run ``test`` in a loop of its own, and fail when it does not end."""

    async def bounded() -> None:
        await asyncio.wait_for(test(), 40)

    asyncio.run(bounded())


async def next_of(socket: ClientConnection, kind: str, passing: Collection[str] = ()) -> Message:
    """Return the next message of ``kind``, passing over what is told unasked in between."""
    while True:
        message = json.loads(await asyncio.wait_for(socket.recv(), 10))
        if message["type"] == kind:
            return message
        assert message["type"] in (*PASSED_OVER, *passing), message


async def say(socket: ClientConnection, **message: object) -> None:
    await socket.send(json.dumps(message))

"""Command lines and scripts beside a page: they share one session's controls and no other's."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from realtime.config import Config, ServerSettings
from realtime.types import Edit, Emotion
from tests.realtime.server.fakes import EDITED, Browser, redness, until
from tests.realtime.server.serving import controller, next_of, page, run, say, server

CONFIG = Config(
    server=ServerSettings(port=0),
    presets={"mine": Edit(Emotion.FEAR, 0.2)},
)


async def hello_of(socket: ClientConnection) -> dict[str, Any]:
    message = json.loads(await asyncio.wait_for(socket.recv(), 10))
    assert message["type"] == "hello", "hello comes first"
    return message


async def edit_of(socket: ClientConnection) -> object:
    return (await next_of(socket, "edit"))["emotion"]


async def refused(where: str, session: str | None = None) -> tuple[str, int | None]:
    """Return the code of the error and of the close."""
    async with controller(where, session) as socket:
        error = json.loads(await socket.recv())
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert error["final"]
        return error["code"], socket.close_code


def listed(where: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"http://{where}/sessions", timeout=10) as response:
        return json.load(response)["sessions"]


def test_two_controllers_and_the_page_hear_each_other_and_the_face_obeys() -> None:
    async def test() -> None:
        async with server(CONFIG) as where, AsyncExitStack() as stack:
            screen = await stack.enter_async_context(page(where))
            session = (await hello_of(screen))["session"]
            browser = Browser()
            await say(screen, type="offer", sdp=await browser.offer())
            assert await edit_of(screen) is None
            await browser.accept((await next_of(screen, "answer"))["sdp"])
            scripts = [
                await stack.enter_async_context(controller(where, name)) for name in (session, None)
            ]
            for script in scripts:
                hello = await hello_of(script)
                assert hello["session"] == session
                assert {"friendly", "mine"} <= set(hello["presets"])
                assert "ice_servers" not in hello, "credentials are for who calls"
                assert await edit_of(script) is None
            await say(scripts[0], type="edit", emotion="happy")
            for socket in (screen, *scripts):
                assert await edit_of(socket) == "happy"
            await until(lambda: browser.seen and redness(browser.seen[-1][1]) > EDITED - 10)
            assert (await next_of(scripts[1], "telemetry"))["worker"] == "running"
            await say(scripts[1], type="panic")
            assert await edit_of(screen) is None
            await until(lambda: redness(browser.seen[-1][1]) < EDITED - 40)
            await say(scripts[0], type="bounds", highest=1.5)
            await say(scripts[0], type="ping", t=7)
            error = await next_of(scripts[0], "error", passing=("edit",))
            assert "Only the page" in error["message"]
            await screen.close()
            for script in scripts:
                error = await next_of(script, "error", passing=("edit", "pong"))
                assert (error["final"], error["code"]) == (True, "ended")
            await browser.close()

    run(test)


def test_two_sessions_never_share_controls() -> None:
    async def test() -> None:
        async with server(CONFIG) as where, page(where) as one, page(where) as other:
            names = [(await hello_of(socket))["session"] for socket in (one, other)]
            assert len(set(names)) == 2
            assert all(len(name) >= 20 for name in names), "not to be guessed"
            for socket in (one, other):
                await edit_of(socket)
                await next_of(socket, "bounds")
            async with controller(where, names[0]) as script:
                await edit_of(script)
                await say(script, type="preset", name="mine")
                await say(script, type="show", frozen=True)
                assert await edit_of(script) == await edit_of(one) == "fear"
                await say(other, type="edit", emotion="sad")
                assert await edit_of(other) == "sad", "and not fear before it"
                await say(script, type="ping", t=1)
                await next_of(script, "pong")  # and no edit before it
            await say(other, type="ping", t=1)
            assert json.loads(await other.recv()) == {"type": "pong", "t": 1}, "and nothing before"

    run(test)


def test_which_session_is_meant_must_be_clear() -> None:
    async def test() -> None:
        async with server(CONFIG) as where:
            assert await refused(where) == ("no-session", 1008)
            assert await asyncio.to_thread(listed, where) == []
            async with page(where) as one, page(where) as other:
                names = [(await hello_of(socket))["session"] for socket in (one, other)]
                assert await refused(where) == ("which-session", 1008)
                assert await refused(where, names[0][:-1]) == ("no-session", 1008)
                rows = await asyncio.to_thread(listed, where)
                assert [row["session"] for row in rows] == names

    run(test)


def test_too_many_messages_are_told_of_and_a_flood_is_sent_away() -> None:
    async def test() -> None:
        async with server(CONFIG) as where, page(where) as screen, controller(where) as script:
            await edit_of(script)
            for _ in range(200):
                await say(script, type="edit", intensity=0.5)
            error = await next_of(script, "error", passing=("edit",))
            assert "60 messages a second" in error["message"]
            with suppress(ConnectionClosed):
                for _ in range(5000):
                    await say(script, type="ping", t=0)
            await asyncio.wait_for(script.wait_closed(), 5)
            assert script.close_code == 1008
            await say(screen, type="ping", t=5)
            await next_of(screen, "pong", passing=("edit",))  # the page lives on

    run(test)


def test_a_server_with_one_place_is_still_controlled() -> None:
    async def test() -> None:
        config = replace(CONFIG, server=replace(CONFIG.server, sessions=1))
        async with server(config) as where, page(where), controller(where) as script:
            assert await edit_of(script) is None
            await say(script, type="record", on=True)
            assert "Only the page" in (await next_of(script, "error"))["message"]
            await say(script, type="offer", sdp="v=0")
            assert "does not call" in (await next_of(script, "error"))["message"]

    run(test)

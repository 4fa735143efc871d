"""The server as a page meets it: files, signalling, live edits, limits, the end of a call."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import CloseCode

from realtime.bounds import Bounds
from realtime.config import Config, ServerSettings
from realtime.filter import EmotionFilter
from realtime.types import Edit, Emotion, Frame, Landmarks
from tests.realtime.server.fakes import EDITED, Browser, FakeFilter, redness, threads, until
from tests.realtime.server.serving import next_of, page, say, server


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(test(), 40)

    asyncio.run(bounded())


@asynccontextmanager
async def calling(where: str) -> AsyncGenerator[tuple[ClientConnection, Browser], None]:
    """Yield a page's socket and browser, the call begun."""
    browser = Browser()
    async with page(where) as socket:
        await next_of(socket, "edit")
        await say(socket, type="offer", sdp=await browser.offer())
        await browser.accept((await next_of(socket, "answer"))["sdp"])
        yield socket, browser
    await browser.close()


def get(url: str, headers: dict[str, str] | None = None) -> tuple[int, str, dict[str, str]]:
    request = urllib.request.Request(url, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read().decode(), dict(response.headers.items())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), dict(error.headers.items())


CONFIG = Config(server=ServerSettings(port=0))


def test_a_call_from_offer_to_edit_to_end() -> None:
    async def test() -> None:
        async with server() as where:
            browser = Browser()
            async with page(where) as socket:
                assert (await next_of(socket, "edit"))["emotion"] is None
                await say(socket, type="edit", emotion="happy")
                assert (await next_of(socket, "edit"))["emotion"] == "happy"
                await say(socket, type="offer", sdp=await browser.offer())
                await browser.accept((await next_of(socket, "answer"))["sdp"])
                await until(lambda: browser.seen)
                assert redness(browser.seen[0][1]) > EDITED - 10, "chosen before, seen at once"
                await say(socket, type="edit", emotion=None)
                await next_of(socket, "edit")
                await until(lambda: redness(browser.seen[-1][1]) < EDITED - 40)
                told = await next_of(socket, "telemetry")
                assert told["rung"] == "geometric"
                assert {"fps_in", "fps_out", "age_ms", "stages_ms", "faces", "dropped"} <= set(told)
            await until(lambda: "filter" not in threads())  # the page is gone
            await browser.close()
        assert not threads()

    run(test)


def test_bad_messages_get_a_sentence_and_the_call_goes_on() -> None:
    async def test() -> None:
        async with server() as where, page(where) as socket:
            await next_of(socket, "edit")
            for bad in ("{", "[]", '{"type":"edit","intensity":9}', "x" * 70_000, b"\x00\xff"):
                await socket.send(bad)
                error = await next_of(socket, "error")
                assert error["message"].endswith(".")
                assert not error["final"]
            browser = Browser()
            await say(socket, type="offer", sdp="v=0")
            assert "needs one picture" in (await next_of(socket, "error"))["message"]
            await say(socket, type="offer", sdp=await browser.offer())
            await browser.accept((await next_of(socket, "answer"))["sdp"])
            await socket.send("{}")
            await next_of(socket, "error")
            await say(socket, type="offer", sdp="again")
            assert "begun already" in (await next_of(socket, "error"))["message"]
            await until(lambda: len(browser.seen) >= 3)
            await browser.close()

    run(test)


def test_a_picture_larger_than_the_settings_allow_is_scaled_down() -> None:
    async def test() -> None:
        config = replace(CONFIG, server=replace(CONFIG.server, max_pixels=20_000))
        async with server(config) as where, page(where) as socket:
            browser = Browser()
            await say(socket, type="offer", sdp=await browser.offer())
            await browser.accept((await next_of(socket, "answer", ["edit"]))["sdp"])
            await until(lambda: len(browser.seen) >= 3)
            _, picture = browser.seen[-1]
            sent = await browser.camera.recv()
            assert sent.width * sent.height > 20_000
            assert 19_000 < picture.width * picture.height <= 20_000
            assert picture.width / picture.height == pytest.approx(
                sent.width / sent.height, rel=0.03
            )
            await browser.close()

    run(test)


def test_one_call_too_many_is_told_so_and_a_freed_place_is_given_again() -> None:
    async def test() -> None:
        config = replace(CONFIG, server=replace(CONFIG.server, sessions=1))
        async with server(config) as where:
            async with page(where) as first:
                await next_of(first, "edit")
                async with page(where) as second:
                    error = await next_of(second, "error")
                    assert "All places (1) are taken" in error["message"]
                    assert error["final"]
                    with pytest.raises(ConnectionClosed):
                        await second.recv()
            await asyncio.sleep(0.1)
            async with page(where) as third:
                await next_of(third, "edit")

    run(test)


def test_the_page_and_its_files_are_served_and_may_load_nothing_from_elsewhere() -> None:
    async def test() -> None:
        async with server() as where:
            for path in ("/", "/style.css", "/app.js"):
                status, text, headers = await asyncio.to_thread(get, f"http://{where}{path}")
                assert status == 200, path
                assert "default-src 'self'" in headers["content-security-policy"]
                outside = text.replace("http://www.w3.org/2000/svg", "")
                assert "http://" not in outside
                assert "https://" not in outside
            assert (await asyncio.to_thread(get, f"http://{where}/../app.py"))[0] == 404

    run(test)


def test_pages_of_other_sites_are_turned_away() -> None:
    async def test() -> None:
        async with server() as where:
            with pytest.raises(InvalidStatus) as refused:
                async with page(where, origin="https://elsewhere.example"):
                    pass
            assert refused.value.response.status_code == 403
            assert b"elsewhere.example" in (refused.value.response.body or b"")
            port = where.rpartition(":")[2]
            rebound = {"Host": f"elsewhere.example:{port}"}
            status, text, _ = await asyncio.to_thread(get, f"http://{where}/", rebound)
            assert status == 403
            assert "elsewhere.example" in text
            async with page(where, origin=None) as tool:  # not a browser: nothing to protect
                await next_of(tool, "edit")

    run(test)


def test_a_filter_that_dies_ends_the_call_with_a_sentence_and_the_next_call_works() -> None:
    class Broken(FakeFilter):
        def _locate(self, frame: Frame) -> tuple[Landmarks, ...]:
            raise RuntimeError("lens fell off")

    async def test() -> None:
        filters: list[type[FakeFilter]] = [Broken, FakeFilter]

        def build() -> EmotionFilter:
            return filters.pop(0)()

        async with server(build=build) as where:
            async with calling(where) as (socket, _):
                error = await next_of(socket, "error")
                assert error["final"]
                assert "filter stopped" in error["message"]
            async with calling(where) as (_, browser):
                await until(lambda: browser.seen)

    run(test)


def test_edits_stay_within_the_settings_bounds() -> None:
    async def test() -> None:
        config = replace(
            CONFIG,
            edit=Edit(Emotion.SAD, 1.5),
            bounds=Bounds(highest=0.5, forbidden=(Emotion.ANGRY,)),
        )
        async with server(config) as where, page(where) as socket:
            start = await next_of(socket, "edit")
            assert (start["emotion"], start["intensity"]) == ("sad", 0.5)
            await say(socket, type="edit", emotion="angry")
            assert (await next_of(socket, "edit"))["emotion"] is None
            await say(socket, type="edit", emotion="happy", intensity=1.2)
            assert (await next_of(socket, "edit"))["intensity"] == 0.5

    run(test)


def test_stopping_the_server_ends_its_calls() -> None:
    async def test() -> None:
        async with AsyncExitStack() as stack:
            async with server() as where:
                socket, browser = await stack.enter_async_context(calling(where))
                await until(lambda: browser.seen)
            await socket.wait_closed()
            assert socket.close_code == CloseCode.SERVICE_RESTART
        await until(lambda: not threads())

    run(test)

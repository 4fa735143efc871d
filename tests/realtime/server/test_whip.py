"""Sending in by WHIP and watching by WHEP: aiortc in the place of OBS."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest

from realtime.config import Config, ServerSettings
from tests.realtime.server.fakes import EDITED, Browser, redness, threads, until
from tests.realtime.server.serving import controller, next_of, say, server

CONFIG = Config(server=ServerSettings(port=0))


@dataclass(frozen=True)
class Reply:
    status: int
    text: str
    headers: dict[str, str]


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(test(), 40)

    asyncio.run(bounded())


async def ask(url: str, method: str = "POST", body: str | None = None, **headers: str) -> Reply:
    """Send a request as a program would that knows nothing of us."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        headers.setdefault("Content-Type", "application/sdp")
    data = None if body is None else body.encode()
    request = urllib.request.Request(url, data, headers, method=method)

    def send() -> Reply:
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return Reply(response.status, response.read().decode(), dict(response.headers))
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, error.read().decode(), dict(error.headers))

    return await asyncio.to_thread(send)


def one_way(browser: Browser, direction: str) -> None:
    for transceiver in browser.connection.getTransceivers():
        transceiver.direction = direction


async def publish(where: str) -> tuple[Browser, str]:
    """Send a stream in; return its end and where to delete it."""
    studio = Browser()
    one_way(studio, "sendonly")
    reply = await ask(f"http://{where}/whip", body=await studio.offer())
    assert reply.status == 201, reply.text
    assert reply.headers["content-type"] == "application/sdp"
    assert "a=recvonly" in reply.text
    assert "a=sendrecv" not in reply.text
    assert reply.headers["etag"].startswith('"')
    await studio.accept(reply.text)
    return studio, f"http://{where}{reply.headers['location']}"


async def watch(where: str, path: str = "/whep") -> tuple[Browser, str]:
    viewer = Browser()
    one_way(viewer, "recvonly")
    reply = await ask(f"http://{where}{path}", body=await viewer.offer())
    assert reply.status == 201, reply.text
    assert "a=sendonly" in reply.text
    await viewer.accept(reply.text)
    return viewer, f"http://{where}{reply.headers['location']}"


def test_a_stream_that_is_sent_in_is_filtered_controlled_and_watched_by_two() -> None:
    async def test() -> None:
        async with server() as where:
            studio, own = await publish(where)
            viewers = [await watch(where) for _ in range(2)]
            for viewer, _ in viewers:
                await until(lambda viewer=viewer: len(viewer.seen) > 5 and viewer.heard)
                assert redness(viewer.seen[-1][1]) < EDITED - 40
            async with controller(where) as socket:
                await say(socket, type="edit", emotion="happy")
                await next_of(socket, "edit")
                for viewer, _ in viewers:
                    await until(lambda v=viewer: redness(v.seen[-1][1]) > EDITED - 10)
            assert studio.seen == [], "who sends in gets nothing back"
            figures = (await ask(f"http://{where}/metrics", "GET")).text
            told = dict(line.rsplit(" ", 1) for line in figures.splitlines() if line[0] == "v")
            assert float(told['visavis_fps_out{call="1"}']) > 5, "to who watches"
            assert float(told['visavis_fps_filtered{call="1"}']) > 5
            assert float(told['visavis_watchers{call="1"}']) == 2
            gone, left = viewers[0][0], viewers[1][0]
            assert (await ask(viewers[0][1], "DELETE")).status == 200
            await until(lambda: gone.connection.connectionState == "closed")
            seen = len(left.seen)
            await until(lambda: len(left.seen) > seen + 10)
            assert (await ask(own, "DELETE")).status == 200
            await until(lambda: left.connection.connectionState == "closed")
            assert (await ask(own, "DELETE")).status == 404
            for one in (studio, gone, left):
                await one.close()
        assert not threads()

    run(test)


def test_what_is_not_an_offer_is_refused_with_a_sentence() -> None:
    async def test() -> None:
        async with server() as where:
            url = f"http://{where}/whip"
            assert (await ask(url, body="v=0", Content_Type="text/plain")).status == 415
            assert (await ask(url, body="v=0")).status == 400
            assert (await ask(url, body="x" * 40_000)).status == 413
            assert (await ask(url, "GET")).status == 405
            nothing = await ask(f"http://{where}/whep", body="v=0")
            assert nothing.status == 404
            assert nothing.text == "No call is running.\n"
            options = await ask(url, "OPTIONS")
            assert (options.status, options.headers["accept-post"]) == (204, "application/sdp")
        assert not threads()

    run(test)


def test_who_breaks_off_in_mid_offer_leaves_neither_a_call_nor_a_trace(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def test() -> None:
        async with server() as where:
            host, _, port = where.rpartition(":")
            head = (
                f"POST /whip HTTP/1.1\r\nHost: {where}\r\nContent-Type: application/sdp\r\n"
                "Content-Length: 5000\r\n\r\nv=0\r\n"
            )
            for _ in range(5):
                _, writer = await asyncio.open_connection(host, int(port))
                writer.write(head.encode())
                await writer.drain()
                await asyncio.sleep(0.05)
                writer.transport.abort()
            await asyncio.sleep(0.2)
            assert (await ask(f"http://{where}/sessions", "GET")).text == '{"sessions":[]}'

    run(test)
    assert not [record for record in caplog.records if record.exc_info]


def test_when_all_places_are_taken_it_says_so_and_an_end_frees_one() -> None:
    async def test() -> None:
        config = replace(CONFIG, server=replace(CONFIG.server, sessions=1))
        async with server(config) as where:
            studio, own = await publish(where)
            second = Browser()
            one_way(second, "sendonly")
            offer = await second.offer()
            busy = await ask(f"http://{where}/whip", body=offer)
            assert busy.status == 503
            assert "retry-after" in busy.headers
            assert (await ask(own, "PATCH", "a=candidate")).status == 405
            await ask(own, "DELETE")
            await studio.close()
            await until(lambda: "filter" not in threads())
            assert (await ask(f"http://{where}/whip", body=offer)).status == 201
            await second.close()

    run(test)


def test_a_site_that_is_allowed_may_use_it_and_another_may_not() -> None:
    async def test() -> None:
        allowed = "https://studio.example"
        config = replace(CONFIG, server=replace(CONFIG.server, origins=(allowed,)))
        async with server(config) as where:
            asked = {"Access_Control_Request_Method": "POST"}
            fine = await ask(f"http://{where}/whip", "OPTIONS", Origin=allowed, **asked)
            assert fine.status == 204
            assert fine.headers["access-control-allow-origin"] == allowed
            assert "Location" in fine.headers["access-control-expose-headers"]
            other = await ask(f"http://{where}/whip", "OPTIONS", Origin="https://x.example")
            assert other.status == 403

    run(test)

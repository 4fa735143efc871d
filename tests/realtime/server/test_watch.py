"""/healthz and /metrics of a server with a call, and who may see what of them."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request

import pytest

from realtime.filter import FilterState
from realtime.server.secret import Secret
from tests.realtime.server.fakes import Browser, FakeFilter, until
from tests.realtime.server.serving import next_of, page, run, say, server

TOKEN = "a-token-of-some-length"


async def get(where: str, path: str, token: str | None = None) -> tuple[int, str]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"http://{where}{path}", headers=headers)

    def fetch() -> tuple[int, str]:
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    return await asyncio.to_thread(fetch)


def test_a_call_shows_up_while_it_lasts_and_without_its_secret() -> None:
    async def test() -> None:
        async with server() as where:
            assert json.loads((await get(where, "/healthz"))[1]) == {"status": "ok", "calls": []}
            browser = Browser()
            async with page(where) as screen:
                session = (await next_of(screen, "hello"))["session"]
                await say(screen, type="offer", sdp=await browser.offer())
                await browser.accept((await next_of(screen, "answer", ("edit",)))["sdp"])
                await until(lambda: len(browser.seen) > 10)
                (call,) = json.loads((await get(where, "/healthz"))[1])["calls"]
                assert (call["call"], call["condition"]) == (1, "ok")
                assert call["fps_out"] > 5
                status, text = await get(where, "/metrics")
                assert status == 200
                assert 'visavis_fps_in{call="1"}' in text
                assert 'visavis_worker{call="1",state="running"} 1.0' in text
                assert session not in text
            await browser.close()
            for _ in range(100):  # the server has to notice that the page is gone
                if 'call="1"' not in (await get(where, "/metrics"))[1]:
                    break
                await asyncio.sleep(0.05)
            else:
                pytest.fail("the call is told of for ever")

    run(test)


def test_off_loopback_strangers_learn_only_whether_the_server_is_well() -> None:
    async def test() -> None:
        async with server(token=Secret(TOKEN)) as where:
            assert await get(where, "/healthz") == (200, '{"status":"ok"}')
            assert "calls" in (await get(where, "/healthz", TOKEN))[1]
            assert (await get(where, "/metrics"))[0] == 401
            assert (await get(where, "/sessions"))[0] == 401
            assert (await get(where, "/metrics", TOKEN))[0] == 200
            assert (await get(where, "/sessions", TOKEN))[0] == 200

    run(test)


@pytest.mark.parametrize(
    ("state", "condition"),
    [(FilterState.HUNG, "hung model"), (FilterState.DEAD, "dead worker")],
)
def test_a_filter_that_is_lost_is_no_health(state: FilterState, condition: str) -> None:
    class Lost(FakeFilter):
        pass

    Lost.state = state

    async def test() -> None:
        async with server(build=Lost) as where, page(where) as screen:
            browser = Browser()
            await say(screen, type="offer", sdp=await browser.offer())
            await browser.accept((await next_of(screen, "answer", ("edit",)))["sdp"])
            await until(lambda: browser.seen)
            status, text = await get(where, "/healthz")
            assert status == 503
            assert json.loads(text)["calls"][0]["condition"] == condition
            assert (await next_of(screen, "telemetry"))["worker"] == "restarting"
            await browser.close()

    run(test)

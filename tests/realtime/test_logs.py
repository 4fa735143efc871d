"""The log: lines or JSON, the call's number on each, and no secret in any."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from realtime.logs import CALL, Lines, Objects
from realtime.server.secret import Secret
from tests.realtime.server.fakes import Browser, until
from tests.realtime.server.serving import next_of, run, say, server

TOKEN = "a-token-of-some-length"


@contextmanager
def written(formatter: logging.Formatter, level: int) -> Generator[io.StringIO, None, None]:
    """Yield what is logged meanwhile."""
    text = io.StringIO()
    handler, root = logging.StreamHandler(text), logging.getLogger()
    handler.setFormatter(formatter)
    before = root.level
    root.addHandler(handler)
    root.setLevel(level)
    try:
        yield text
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def test_a_line_of_json_names_time_level_logger_call_and_trace() -> None:
    log = logging.getLogger("realtime.somewhere")
    with written(Objects(), logging.INFO) as text:
        log.info("%d of %s\nand more", 3, "ü")
        mark = CALL.set(7)
        try:
            raise RuntimeError("lens fell off")
        except RuntimeError:
            log.exception("it broke")
        finally:
            CALL.reset(mark)
    first, second = (json.loads(line) for line in text.getvalue().splitlines())
    assert (first["message"], first["level"]) == ("3 of ü\nand more", "info")
    assert first["logger"] == "realtime.somewhere"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", first["time"])
    assert "call" not in first
    assert second["call"] == 7
    assert "lens fell off" in second["trace"]


def test_a_line_of_text_has_the_call_in_front_of_what_it_says() -> None:
    with written(Lines(), logging.INFO) as text:
        logging.getLogger("a").warning("without")
        mark = CALL.set(2)
        logging.getLogger("b").warning("within")
        CALL.reset(mark)
    first, second = text.getvalue().splitlines()
    assert first.endswith(" WARNING a: without")
    assert second.endswith(" WARNING b: call 2: within")


@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
def test_no_secret_is_logged_however_much_is(level: int) -> None:
    secrets = {"token": TOKEN}

    async def test() -> None:
        from websockets.asyncio.client import connect

        async with server(token=Secret(TOKEN)) as where:
            browser = Browser()
            subprotocols = ["visavis.1", f"visavis.token.{TOKEN}"]
            async with connect(f"ws://{where}/call", subprotocols=subprotocols) as screen:  # type: ignore[arg-type]
                secrets["session"] = (await next_of(screen, "hello"))["session"]
                offer = await browser.offer()
                secrets["their password"] = re.findall(r"a=ice-pwd:(\S+)", offer)[0]
                await say(screen, type="offer", sdp=offer)
                answer = (await next_of(screen, "answer", passing=("edit",)))["sdp"]
                secrets["our password"] = re.findall(r"a=ice-pwd:(\S+)", answer)[0]
                await browser.accept(answer)
                await until(lambda: browser.seen)
                bearer = {"Authorization": f"Bearer {TOKEN}"}
                url = f"ws://{where}/control?session={secrets['session']}"
                async with connect(url, additional_headers=bearer) as script:
                    await say(script, type="edit", emotion="happy")
                    await say(script, type="shout")
                    await next_of(script, "error", passing=("edit",))
                await say(screen, type="offer", sdp=offer)
                await next_of(screen, "error", passing=("edit",))
            await browser.close()

    # What the client of the test logs is not the server's doing.
    client = logging.getLogger("websockets.client")
    client.setLevel(logging.WARNING)
    with written(Objects(), level) as text:
        run(test)
    lines = [json.loads(line) for line in text.getvalue().splitlines()]
    assert {"page connected", "controller connected"} <= {line["message"] for line in lines}
    assert {line["call"] for line in lines if line["logger"].startswith("realtime.server.con")} == {
        1
    }
    assert len(secrets) == 4
    told = {
        name: [m for m in text.getvalue().splitlines() if s in m] for name, s in secrets.items()
    }
    assert told == {name: [] for name in secrets}

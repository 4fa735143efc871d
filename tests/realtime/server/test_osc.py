"""OSC and calls: it moves the only one, hears of it, and leaves several alone."""

from __future__ import annotations

import asyncio
import socket
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager

from realtime.clock import SystemClock
from realtime.config import OscSettings
from realtime.osc.packets import OscText, decode, encode
from realtime.osc.settings import OscPorts
from tests.realtime.server.fakes import EDITED, Browser, redness, until
from tests.realtime.server.serving import next_of, page, run, say, server


@contextmanager
def avatar() -> Generator[tuple[socket.socket, OscPorts], None, None]:
    """Yield a program's socket, and the server's that talk to it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as program:
        program.bind(("127.0.0.1", 0))
        program.setblocking(False)
        told = f"127.0.0.1:{program.getsockname()[1]}"
        ports = OscPorts(OscSettings(listen="127.0.0.1:0", send=told), SystemClock())
        yield program, ports
        ports.close()


def tell(program: socket.socket, ports: OscPorts, emotion: str) -> None:
    assert ports.heard_at is not None
    program.sendto(encode(OscText("/visavis/emotion", (emotion,))), ports.heard_at)


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.read().decode()


def test_the_only_call_is_moved_and_told_of_until_there_are_two() -> None:
    async def test() -> None:
        with avatar() as (program, ports):
            async with server(osc=ports) as where, page(where) as screen:
                browser = Browser()
                await next_of(screen, "bounds", passing=("edit",))
                await say(screen, type="offer", sdp=await browser.offer())
                await browser.accept((await next_of(screen, "answer"))["sdp"])
                await until(lambda: browser.seen)
                tell(program, ports, "happy")
                assert (await next_of(screen, "edit"))["emotion"] == "happy"
                await until(lambda: redness(browser.seen[-1][1]) > EDITED - 10)
                async with page(where) as other:
                    await next_of(other, "bounds", passing=("edit",))
                    tell(program, ports, "sad")
                    await say(other, type="ping", t=1)
                    await next_of(other, "pong")
                    await until(lambda: ports.listener and ports.listener.heard == 2)
                    figures = await asyncio.to_thread(read, f"http://{where}/metrics")
                    assert 'visavis_osc_total{fate="without a call"} 1.0' in figures
                    await say(screen, type="ping", t=1)
                    await next_of(screen, "pong")  # and no edit before it
                await browser.close()

    run(test)


def test_a_call_is_told_to_avatars_in_their_own_protocol() -> None:
    async def test() -> None:
        with avatar() as (program, ports):
            async with server(osc=ports) as where, page(where) as screen:
                browser = Browser()
                await next_of(screen, "bounds", passing=("edit",))
                await say(screen, type="offer", sdp=await browser.offer())
                await browser.accept((await next_of(screen, "answer"))["sdp"])
                await until(lambda: len(browser.seen) > 3)
                said = decode(program.recv(65_536))
                assert [m.address for m in said] == ["/VMC/Ext/OK", "/VMC/Ext/T"]
                await browser.close()

    run(test)

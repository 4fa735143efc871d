"""Bits a second, by what the connection's own transports count."""

from __future__ import annotations

import asyncio

import pytest

from realtime.clock import MS, SystemClock
from realtime.server.peer import Peer
from realtime.server.throughput import Carried, Throughput
from tests.realtime.server.fakes import Browser, FakeFilter, until


def test_a_steady_stream_has_one_rate_whoever_asks_and_however_often() -> None:
    throughput = Throughput()
    assert throughput.kbps(Carried(0, 0, 0)) is None
    for at in (100, 150, 400, 700, 1900, 2500, 2600, 9000, 9700, 30_000):
        told = throughput.kbps(Carried(at * MS, at * 125, at * 250))
    assert told == pytest.approx((1000, 2000))


def test_a_call_tells_what_it_carries() -> None:
    async def test() -> None:
        browser = Browser()
        peer = Peer(FakeFilter, SystemClock(), budget=80 * MS)
        await browser.accept(await peer.answer(await browser.offer()))
        await until(lambda: len(browser.seen) > 5)
        peer.telemetry()
        await asyncio.sleep(0.7)
        told = peer.telemetry()
        assert told.kbps_in is not None
        assert told.kbps_out is not None
        assert 10 < told.kbps_in < 20_000
        assert 10 < told.kbps_out < 20_000
        await browser.close()
        await peer.close()

    asyncio.run(asyncio.wait_for(test(), 30))

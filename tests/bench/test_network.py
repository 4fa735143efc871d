"""The bad network: what it does to packets, and that a call lives through it."""

from __future__ import annotations

import asyncio
import time

import pytest

from bench.network.impairment import CLEAN, OUTAGE, Impairment, Phase, Weather
from bench.network.relay import Relay, at
from realtime.clock import MS, SystemClock
from realtime.server.peer import Peer
from realtime.server.webrtc import hasten
from tests.realtime.server.fakes import Browser, FakeFilter, until

BAD = Impairment(loss=0.05, delay=0.01, jitter=0.03, swap=0.02)


def unread(kind: str, first: int | None, stamp: int, ntp: int) -> None:
    """Take a sender report and do nothing with it."""


def test_it_loses_its_share_and_the_same_seed_loses_the_same() -> None:
    one, same = (Weather([Phase(0, BAD)], seed=1) for _ in range(2))
    assert [one.fate(1.0) for _ in range(99)] == [same.fate(1.0) for _ in range(99)]
    weather = Weather([Phase(0, BAD)], 3)
    late = [found for _ in range(4000) if (found := weather.fate(1.0)) is not None]
    assert weather.lost / 4000 == pytest.approx(0.05, abs=0.01)
    assert sum(late) / len(late) == pytest.approx(0.018, abs=0.004)
    assert min(late) == 0.0


def test_the_weather_changes_when_it_is_told_to() -> None:
    weather = Weather([Phase(5, OUTAGE), Phase(7, CLEAN)], 1)
    assert [weather.fate(t) for t in (0.0, 4.9, 5.0, 6.9, 7.0)] == [0.0, 0.0, None, None, 0.0]


def test_each_end_is_told_the_relays_address_and_no_other() -> None:
    sdp = "v=0\r\nm=video 9 X 96\r\na=candidate:1 1 udp 5 192.0.2.1 4 typ host\r\na=ice-pwd:x\r\n"
    found = at(sdp, ("127.0.0.1", 5000))
    assert "192.0.2.1" not in found
    assert found.count("a=candidate") == 1
    assert "127.0.0.1 5000 typ host" in found


def test_a_call_goes_on_through_loss_and_comes_back_after_an_outage() -> None:
    """Two ends of aiortc; with a real browser: ``visavis bench network``."""

    async def test() -> None:
        relay = Relay([Phase(2.0, BAD), Phase(7.0, OUTAGE), Phase(8.0, CLEAN)])
        browser = Browser()
        peer = Peer(FakeFilter, SystemClock(), budget=80 * MS)
        try:
            offer = relay.offer_for_second(await browser.offer())
            # As a browser does it too.
            hasten(browser.connection, unread, SystemClock())
            await browser.accept(relay.answer_for_first(await peer.answer(offer)))
            await until(lambda: relay.seconds > 7.0, 20)
            begun = time.monotonic()
            seen = sum(begun - 4.0 < at < begun for at, _ in browser.seen)
            heard = sum(begun - 4.0 < at < begun for at, _ in browser.heard)
            assert seen / 4.0 >= 20, "25 on an idle machine"
            assert heard / 4.0 >= 40, "of 50 a second"
            await until(lambda: relay.seconds > 8.0)
            ended, before = time.monotonic(), len(browser.seen)
            await until(lambda: len(browser.seen) >= before + 15)
            assert time.monotonic() - ended < 2.5
            held = peer.telemetry().playout_delay
            assert held is not None
            assert held < 300 * MS, "what came late once is not waited for ever after"
        finally:
            await browser.close()
            await peer.close()
            relay.close()

    asyncio.run(asyncio.wait_for(test(), 40))

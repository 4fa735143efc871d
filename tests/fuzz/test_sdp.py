"""A thousand malformed offers: a sentence or an answer each, and the call beside them goes on."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections import Counter

import pytest

from bench.fuzz.mutation import mutated_text
from bench.memory import owned
from realtime.clock import MS, SystemClock
from realtime.server.offer import OfferError
from realtime.server.peer import Peer
from tests.realtime.server.fakes import Browser, FakeFilter, threads, until

HALF = 500
WARM_UP = 100
GROWTH = 20.0
"""MiB."""


def new_peer() -> Peer:
    return Peer(FakeFilter, SystemClock(), budget=80 * MS)


async def attack(offer: str, seeds: range) -> Counter[str]:
    """Send a mutation of ``offer`` for each seed; what is neither answer nor sentence is raised."""
    outcome: Counter[str] = Counter()
    for seed in seeds:
        peer = new_peer()
        try:
            await asyncio.wait_for(peer.answer(mutated_text(offer, seed)), 10)
            outcome["answered"] += 1
        except OfferError as error:
            outcome["refused" if str(error).endswith(".") else "no sentence"] += 1
        finally:
            await peer.close()
    gc.collect()
    return outcome


def test_malformed_offers_break_nothing_and_disturb_no_call(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def test() -> None:
        browser, caller = Browser(), Browser()
        peer = new_peer()
        await browser.accept(await peer.answer(await browser.offer()))
        await until(lambda: len(browser.seen) > 15)
        seen, begun = len(browser.seen), time.monotonic()
        outcome = await attack(await caller.offer(), range(HALF))
        rate = (len(browser.seen) - seen) / (time.monotonic() - begun)
        assert set(outcome) == {"answered", "refused"}
        assert min(outcome.values()) > HALF / 10, "else the harm is too coarse, or too slight"
        assert rate > 15, "of 30 a second on an idle machine"
        await browser.close()
        await caller.close()
        await peer.close()
        assert not threads()

    asyncio.run(asyncio.wait_for(test(), 100))
    assert "Traceback" not in caplog.text


def test_malformed_offers_leave_nothing_behind() -> None:
    async def test() -> None:
        caller = Browser()
        offer = await caller.offer()
        await attack(offer, range(WARM_UP))
        memory, handles = owned(os.getpid()), len(os.listdir("/proc/self/fd"))
        await attack(offer, range(HALF, 2 * HALF))
        assert owned(os.getpid()) - memory <= GROWTH
        assert len(os.listdir("/proc/self/fd")) <= handles, "sockets are closed"
        await caller.close()
        assert not threads()

    asyncio.run(asyncio.wait_for(test(), 100))


def test_the_same_seed_does_the_same_harm() -> None:
    text = "v=0\r\nm=video 9 X 96\r\na=mid:0"
    assert mutated_text(text, 7) == mutated_text(text, 7)
    assert len({mutated_text(text, seed) for seed in range(50)}) > 30

"""The attack really reaches the server, and what it leaves can be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench.fuzz.attack import flood, offers, orders
from bench.fuzz.messages import messages
from bench.fuzz.server import Server
from tests.realtime.server.fakes import Browser, threads
from tests.realtime.server.serving import run, server


def test_each_offer_is_answered_or_refused_and_each_message_is_read() -> None:
    async def test() -> None:
        caller = Browser()
        good = await caller.offer()
        async with server() as where:
            address = f"http://{where}/"
            outcome = await offers(address, good, 24)
            assert outcome["answered"] + outcome["refused"] == 24
            assert min(outcome["answered"], outcome["refused"]) > 3
            said = await orders(address, good, 120)
            assert said["sent"] == 120
            assert 60 < said["complaints"] < 120, "some make sense"
            assert await flood(address, good), "far too much at once is not listened to"
        await caller.close()
        assert not threads()

    run(test)


def test_the_same_seed_sends_the_same() -> None:
    assert list(messages(50, 1)) == list(messages(50, 1)) != list(messages(50, 2))


def test_what_a_process_holds_grows_with_what_it_opens(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    trace = 'Traceback (most recent call last):\n  File "x"\n    y\nValueError: z\n'
    log.write_text(f"a\n{trace}b\n{trace}", "utf-8")
    own = Server("http://127.0.0.1:1/", os.getpid(), log)
    before = own.holding()
    if not before.handles:
        pytest.skip("only Linux says what a process holds")
    with log.open():
        assert own.holding().handles == before.handles + 1
    assert before.mib > 10
    assert own.traces() == {"ValueError: z": 2}

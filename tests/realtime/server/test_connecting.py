"""A connection that cannot come up ends with a sentence, and not with a trace in the log."""

from __future__ import annotations

import asyncio
import gc

import pytest
from aiortc import RTCPeerConnection

from realtime.clock import MS, SystemClock
from realtime.server.connecting import CONNECT
from realtime.server.peer import Peer
from realtime.server.webrtc import Connection
from tests.realtime.server.fakes import Browser, FakeFilter


def connection_of(peer: Peer) -> Connection:
    return vars(peer)["_connection"]


def test_aiortc_still_connects_in_the_method_that_is_replaced() -> None:
    assert asyncio.iscoroutinefunction(getattr(RTCPeerConnection, CONNECT))


def test_what_breaks_while_it_comes_up_ends_the_call_with_a_sentence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def test() -> None:
        async def fails() -> None:
            raise OverflowError("sendto(): port must be 0-65535.")

        browser = Browser()
        peer = Peer(FakeFilter, SystemClock(), budget=80 * MS)
        vars(connection_of(peer))["_connect"] = fails
        await peer.answer(await browser.offer())
        reason = await asyncio.wait_for(peer.ended, 10)
        assert reason == "The connection for picture and sound failed."
        await peer.close()
        await browser.close()

    asyncio.run(test())
    gc.collect()
    assert "never retrieved" not in caplog.text


def test_who_hangs_up_at_once_is_tried_to_reach_no_longer() -> None:
    async def test() -> None:
        browser = Browser()
        peer = Peer(FakeFilter, SystemClock(), budget=80 * MS)
        await peer.answer(await browser.offer())
        await asyncio.sleep(0)
        await peer.close()
        await asyncio.sleep(0)
        assert not vars(connection_of(peer))["_trying"]
        await browser.close()

    asyncio.run(test())

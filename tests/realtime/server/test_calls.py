"""What a call's own peer is told, however often its page had to offer."""

from __future__ import annotations

import asyncio

from realtime.bounds import Bounds
from realtime.clock import MS, SystemClock
from realtime.server.calls import Call
from realtime.server.controls import Controls
from realtime.server.messages import EditChange
from realtime.server.peer import Peer
from realtime.server.replies import Hello, Message
from realtime.types import Edit
from tests.realtime.server.fakes import FakeFilter
from tests.realtime.server.serving import next_of, page, run, say, server


def test_a_call_that_changes_hands_tells_each_change_to_the_last_alone() -> None:
    async def test() -> None:
        controls = Controls(Edit(), Bounds(), {})
        call = Call(1, Hello("1", "s", ()), controls, 0)
        told: list[Message] = []

        def tell(message: Message) -> None:
            told.append(message)

        for _ in range(5):
            peer = Peer(FakeFilter, SystemClock(), budget=80 * MS)
            peer.recorder.told = tell
            call.lead(peer)
            await peer.close()
        told.clear()
        controls.follow(EditChange({"intensity": 0.5}), owner=True)
        assert [message["type"] for message in told] == ["edit"]
        call.free()
        controls.follow(EditChange({"intensity": 0.6}), owner=True)
        assert len(told) == 1

    asyncio.run(test())


def test_offers_that_are_refused_again_and_again_cost_the_page_neither_place_nor_words() -> None:
    async def test() -> None:
        async with server() as where, page(where) as socket:
            await next_of(socket, "edit")
            for _ in range(30):
                await say(socket, type="offer", sdp="v=0")
                assert "needs one picture" in (await next_of(socket, "error"))["message"]
            await say(socket, type="edit", intensity=0.25)
            assert (await next_of(socket, "edit"))["intensity"] == 0.25
            await say(socket, type="ping", t=1)
            await next_of(socket, "pong")

    run(test)

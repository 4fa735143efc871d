from __future__ import annotations

import asyncio

from realtime.server.outbox import ROOM, Outbox
from realtime.server.replies import error_message, pong_message


def drained(outbox: Outbox) -> list[object]:
    async def drain() -> list[object]:
        outbox.close()
        return [message async for message in aiter_of(outbox)]

    return asyncio.run(drain())


async def aiter_of(outbox: Outbox):
    while (message := await outbox.get()) is not None:
        yield message


def test_a_slow_reader_gets_the_newest_state_and_every_complaint_in_order() -> None:
    outbox = Outbox()
    outbox.put(error_message("first."))
    for i in range(1000):
        outbox.put({"type": "telemetry", "n": i})
        outbox.put(pong_message(i))
    outbox.put(error_message("last."))
    assert drained(outbox) == [
        error_message("first."),
        {"type": "telemetry", "n": 999},
        pong_message(999),
        error_message("last."),
    ]


def test_it_holds_no_more_than_it_should_but_never_loses_the_end() -> None:
    outbox = Outbox()
    for i in range(10 * ROOM):
        outbox.put(error_message(f"{i}."))
    outbox.put(error_message("the end.", final=True))
    messages = drained(outbox)
    assert len(messages) == ROOM + 1
    assert messages[-1] == error_message("the end.", final=True)
    assert outbox.lost == 9 * ROOM

"""A crowd of callers is let in at a pace, and who comes alone never waits."""

from __future__ import annotations

import asyncio

from realtime.clock import MS, ManualClock
from realtime.server.turnstile import BURST, RATE, Turnstile


def test_a_few_come_through_at_once_and_a_crowd_at_a_pace_in_its_order() -> None:
    async def test() -> None:
        clock, through = ManualClock(), list[int]()
        turnstile = Turnstile(clock)

        async def come(number: int) -> None:
            await turnstile.turn()
            through.append(number)

        crowd = [asyncio.create_task(come(number)) for number in range(30)]
        await asyncio.sleep(0.1)
        assert len(through) == BURST
        for _ in range(5):
            clock.advance(round(1000 * MS / RATE))
            await asyncio.sleep(0.11)
        assert through == list(range(int(BURST) + 5))
        for task in crowd:
            task.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
        clock.advance(60_000 * MS)
        await asyncio.wait_for(turnstile.turn(), 0.1)

    asyncio.run(test())

"""Callers come through one by one, so that a crowd at the door does not disturb who is inside.

Answering an offer takes some ten milliseconds of the processor. A thousand at once are answered all
the same, at a pace; how many can wait is bounded by the places that they hold while they do.
"""

from __future__ import annotations

import asyncio

from realtime.bucket import Bucket
from realtime.clock import Clock

RATE = 10.0
"""Offers a second that are answered for long: a tenth of a core."""

BURST = 8.0
"""Offers that are answered at once after a pause: everybody's, when a server comes back."""


class Turnstile:
    """Lets callers through in the order in which they came; belongs to the event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._bucket = Bucket(RATE, BURST)
        self._first = asyncio.Lock()

    async def turn(self) -> None:
        """Wait for one's turn."""
        async with self._first:
            while not self._bucket.take(self._clock.now()):  # noqa: ASYNC110 - time lets it through
                await asyncio.sleep(0.5 / RATE)

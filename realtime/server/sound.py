"""The browser's own sound on its way back, as late as the picture, in steps of 20 ms."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from fractions import Fraction

import av

from realtime.clock import MS, Clock
from realtime.server.inbound import Media
from realtime.server.webrtc import MediaStreamError, MediaStreamTrack
from realtime.sync import Playout

RATE = 48_000
BLOCK = 960
STEP = 20 * MS
BYTES = BLOCK * 2 * 2
"""One block of 16-bit stereo."""

HEAD_START = 50 * MS
"""How much longer than the picture sound takes on the rest of its way: a browser's jitter buffer
holds 60 to 100 ms of sound and 10 to 30 ms of picture."""

LIMIT = 50
"""Blocks held at most, one second; what comes on top pushes the oldest out."""

SLACK = 60 * MS
"""How late a block may be played before it is left out to catch up with the picture."""

LOST = 200 * MS
"""How late the loop may be before the beat starts anew instead of catching up in a burst."""


def delay_for(dwell: int) -> int:
    """Return how long to hold sound whose picture is held for ``dwell``."""
    return max(0, dwell - HEAD_START)


class Sounds:
    """Cuts a browser's sound into blocks and holds them until they are due."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._resampler = av.AudioResampler("s16", "stereo", RATE, BLOCK)
        self.playout: Playout[bytes] = Playout(LIMIT, SLACK)

    def take(self, sound: Media) -> None:
        """Append ``sound``."""
        if not isinstance(sound, av.AudioFrame):
            return
        now = self._clock.now()
        blocks = self._resampler.resample(sound)
        for i, block in enumerate(blocks):
            self.playout.put(bytes(block.planes[0])[:BYTES], now - (len(blocks) - 1 - i) * STEP)


class Beat:
    """When the next block is due; pure, so that a stalled loop can be tried without stalling."""

    def __init__(self) -> None:
        self._start: int | None = None
        self._count = -1

    def next(self, now: int) -> tuple[int, int]:
        """Return the next block's number and how long to wait for its moment.

        After a stall the missed numbers are left out rather than raced through.
        """
        if self._start is None:
            self._start = now
        self._count += 1
        late = now - (self._start + self._count * STEP)
        if late > LOST:
            self._count += late // STEP
        return self._count, max(0, self._start + self._count * STEP - now)


class SoundTrack(MediaStreamTrack):
    """Sends a block every 20 ms, silence where there is none; never faster, never in bursts."""

    kind = "audio"

    def __init__(self, clock: Clock, playout: Playout[bytes], dwell: Callable[[], int]) -> None:
        super().__init__()
        self._clock = clock
        self._playout = playout
        self._dwell = dwell
        self._beat = Beat()

    async def recv(self) -> av.AudioFrame:
        """Wait for the next beat."""
        number, wait = self._beat.next(self._clock.now())
        await asyncio.sleep(wait / (1000 * MS))
        if self.readyState != "live":
            raise MediaStreamError
        samples = self._playout.take(self._clock.now(), delay_for(self._dwell()))
        block = av.AudioFrame(format="s16", layout="stereo", samples=BLOCK)
        block.planes[0].update(samples or bytes(BYTES))
        block.sample_rate = RATE
        block.pts = number * BLOCK
        block.time_base = Fraction(1, RATE)
        return block

"""The microphone that other programs can pick: the real one's sound, as late as the picture."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from realtime.clock import MS, Clock
from realtime.sound.delay import PlayoutDelay
from realtime.sound.devices import Fill, Stream, open_speaker
from realtime.sound.follower import Follower
from realtime.sound.sample_clock import SampleClock
from realtime.sound.tape import RATE, Tape
from realtime.types import Floats

STILL = 1000 * MS
"""A device that asked for nothing for so long has gone, whatever its driver says."""

PATIENCE = 3000 * MS
"""How much longer it may take at first."""


class VirtualMicrophone:
    """Plays a tape into a device so that what was captured leaves it ``delay`` later.

    Attributes:
        device: the device's name, as the user gave it.
        underflows: how often the device ran dry because the answer came too late.
        follower: where the playing head is, and what it had to leave out.
    """

    def __init__(
        self,
        device: str,
        clock: Clock,
        tape: Tape,
        delay: PlayoutDelay,
        opener: Callable[[str, Fill], Stream] = open_speaker,
    ) -> None:
        self.device = device
        self.underflows = 0
        self.follower = Follower(tape)
        self._clock = clock
        self._tape = tape
        self._delay = delay
        self._opener = opener
        self._stream: Stream | None = None
        self._heard = SampleClock(RATE)
        self._position = 0
        self._last = 0
        self._ready = False

    @property
    def title(self) -> str:
        """What to call it before the user."""
        return f"virtual microphone {self.device}"

    @property
    def alive(self) -> bool:
        """Whether it is open and takes sound."""
        fresh = self._clock.now() - self._last < STILL
        return self._stream is not None and fresh and self._stream.alive

    def open(self) -> None:
        """Begin to play."""
        self.close()
        self._last = self._clock.now() + PATIENCE
        self._heard, self._position = SampleClock(RATE), 0
        self._ready = False
        self._stream = self._opener(self.device, self._fill)

    def close(self) -> None:
        """Stop playing; idempotent."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    @property
    def error(self) -> int:
        """Nanoseconds by which sound last left later (+) or earlier (-) than it should."""
        return round(self.follower.error * 1000 * MS / RATE)

    def _fill(self, count: int, ahead: int, dry: bool) -> Floats:
        now = self._clock.now()
        self._last = max(self._last, now)
        self.underflows += dry
        self._heard.note(self._position, now + ahead, gap=dry)
        heard = self._heard.time_of(self._position) or now
        self._position += count
        newest = self._tape.newest()
        if newest is not None and self._heard.steady and self._tape.steady:
            end = heard + count * 1000 * MS // RATE
            self._delay.sound_takes(max(1, end - newest), now)
            self._ready = self._ready or self._delay.sound_known
        if not self._ready:
            self._tape.passed(self._tape.end)
            return np.zeros(count, np.float32)
        return self.follower.next(count, heard, self._delay.sound)

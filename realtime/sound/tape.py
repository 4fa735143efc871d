"""The last seconds of a microphone, to be read at any point and at nearly any speed."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from realtime.sound.sample_clock import SampleClock
from realtime.types import Floats

RATE = 48_000
"""Samples a second of all live sound here; devices convert."""

KEPT = 4 * RATE
"""Samples kept: more than any delay, and the hard cap of what a missing reader costs."""

BEFORE, AFTER = 1, 2
"""How many samples around a point its value is made from."""


class Tape:
    """A ring of samples with their time of capture; one thread writes, another reads.

    Attributes:
        end: samples written so far, which is the position of the next one.
        overflowed: samples that were overwritten before anyone had read up to them.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._ring = np.zeros(kept, np.float32)
        self._kept = kept
        self._lock = threading.Lock()
        self._clock = SampleClock(RATE)
        self._read = 0.0
        self.end = 0
        self.overflowed = 0

    def write(self, samples: Floats, captured: int, *, gap: bool = False) -> None:
        """Append mono ``samples`` [n], the first taken at ``captured``, maybe after a ``gap``."""
        with self._lock:
            self._clock.note(self.end, captured, gap=gap)
            lost = max(0, len(samples) - self._kept)
            self._lay((self.end + lost) % self._kept, samples[lost:])
            self.end += len(samples)
            start = self.end - self._kept
            if start > self._read:
                self.overflowed += round(start - self._read)
                self._read = float(start)

    def position_at(self, time: int) -> float | None:
        """Return the position of what was captured at ``time``; None before the first block."""
        with self._lock:
            return self._clock.position_at(time)

    @property
    def steady(self) -> bool:
        """Whether the times of what is written are to be believed."""
        with self._lock:
            return self._clock.steady

    def time_of(self, position: float) -> int | None:
        """Return when the sample at ``position`` was captured; None before the first block."""
        with self._lock:
            return self._clock.time_of(position)

    def newest(self) -> int | None:
        """Return when the next sample to be written will have been captured."""
        return self.time_of(self.end)

    def read(self, at: float, count: int, step: float = 1.0) -> Floats | None:
        """Return ``count`` samples from ``at`` on, ``step`` apart; None where they are not there.

        Between two samples runs a cubic through their neighbours: a straight line would take the
        treble off whenever the head stands halfway.
        """
        points = at + step * np.arange(count)
        with self._lock:
            first, last = int(points[0]) - BEFORE, int(points[-1]) + AFTER
            if first < max(0, self.end - self._kept) or last >= self.end:
                return None
            stretch = self._stretch(first, last + 1)
            self._read = max(self._read, float(points[-1]))
        whole = np.floor(points)
        return _between(stretch, whole.astype(np.intp) - first, (points - whole).astype(np.float32))

    def _lay(self, at: int, samples: Floats) -> None:
        """Write ``samples`` into the ring from ``at`` on."""
        fits = min(len(samples), self._kept - at)
        self._ring[at : at + fits] = samples[:fits]
        self._ring[: len(samples) - fits] = samples[fits:]

    def _stretch(self, first: int, end: int) -> Floats:
        """Return the samples from ``first`` up to ``end`` in a row of their own."""
        start, stop = first % self._kept, end % self._kept
        if start < stop:
            return self._ring[start:stop].copy()
        return np.concatenate([self._ring[start:], self._ring[:stop]])

    def passed(self, at: float) -> None:
        """Say that nothing before ``at`` will be asked for; to overwrite that is no loss."""
        with self._lock:
            self._read = max(self._read, at)


def _between(samples: Floats, at: NDArray[np.intp], share: Floats) -> Floats:
    """Return the Catmull-Rom value at ``share`` [n] of the gap behind each of ``samples[at]``."""
    a, b, c, d = (samples[at + k] for k in range(-BEFORE, AFTER + 1))
    bend = 2 * a - 5 * b + 4 * c - d + share * (3 * (b - c) + d - a)
    return b + 0.5 * share * (c - a + share * bend)

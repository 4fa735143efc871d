"""Speech as contours: each ten milliseconds the spectrum, the pitch, and how clear the pitch is.

Beside them a second spectrogram, coarse in time and fine in pitch: that of the talking-head paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.audio_emotion.estimate import Floats
from engines.audio_emotion.pitch import HOP, WINDOW, pitches
from kernels import cpu
from kernels.reference import LOG_MEL_64, LOG_MEL_128

WIDTH = LOG_MEL_64.bands + 2
"""Columns: 64 bands as log10 of their power, octaves above 100 Hz, periodicity 0 to 1."""

A_SECOND = 100
"""Rows."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a sound, from one moment to another.

    Attributes:
        rows: [n, ``WIDTH``], ten milliseconds each.
        spectra: [m, 128] of ``LOG_MEL_128``, 32 ms each.
    """

    rows: Floats
    spectra: Floats

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.rows)

    def part(self, first: int, last: int) -> Passage:
        """View rows ``first`` to ``last`` and what lies beside them."""
        return Passage(self.rows[first:last], self.spectra[_beside(first, last)])


def _beside(first: int, last: int) -> slice:
    """Return which spectra stand for moments of these rows."""
    hop = LOG_MEL_128.hop
    return slice(first * HOP // hop, last * HOP // hop + 1)


class Contours:
    """Turns sound into rows as it comes. Row t stands for sample ``t * HOP``.

    A row is made when the last sample that it looks at is there, 32 ms after its moment; a spectrum
    64 ms after.

    Args:
        capacity: how many rows are kept, the newest.
    """

    def __init__(self, capacity: int) -> None:
        self._ring = cpu.MelRing(LOG_MEL_64, capacity=capacity + WINDOW // HOP + 2 * A_SECOND)
        self._spectra = cpu.MelRing(LOG_MEL_128, capacity=_beside(0, capacity + A_SECOND).stop)
        self._rows = np.zeros((2 * capacity, WIDTH), np.float32)
        self._capacity = capacity
        self._sound = np.zeros(WINDOW // 2, np.float32)  # silence, before the first sample
        self.made = 0

    def push(self, sound: Floats) -> None:
        """Take in mono samples of -1..1, however many."""
        for start in range(0, len(sound), RATE_STEP):
            self._take(np.asarray(sound[start : start + RATE_STEP], np.float32))

    def passage(self, first: int, last: int) -> Passage:
        """View rows ``first`` to ``last`` and the spectra beside them; until the next ``push``.

        Raises:
            IndexError: they are gone, or not there yet.
        """
        if first < max(0, self.made - self._capacity) or last > self.made or last < first:
            raise IndexError(f"rows {first} to {last} of {self.made}")
        at = first % self._capacity
        beside = _beside(first, last)
        stop = min(beside.stop, self._spectra.made)
        spectra = self._spectra.window(beside.start, max(0, stop - beside.start))
        return Passage(self._rows[at : at + last - first], spectra)

    def _take(self, sound: Floats) -> None:
        self._spectra.push(sound)
        self._ring.push(sound)
        held = np.concatenate([self._sound, sound])
        count = max(0, (len(held) - WINDOW) // HOP + 1)
        self._sound = held[count * HOP :]
        if not count:
            return
        windows = np.lib.stride_tricks.sliding_window_view(held, WINDOW)[: count * HOP : HOP]
        rows = np.concatenate([self._ring.window(self.made, count), pitches(windows)], axis=1)
        places = (self.made + np.arange(count)) % self._capacity
        self._rows[places] = self._rows[places + self._capacity] = rows
        self.made += count


RATE_STEP = 16_000
"""Samples that are worked through at once: what one push makes never outruns the ring."""


def contours(sound: Floats) -> Passage:
    """Return [1 + samples // HOP] rows of a whole sound, with silence after it."""
    count = 1 + len(sound) // HOP
    stream = Contours(count + WINDOW // HOP + 1)
    stream.push(sound)
    stream.push(np.zeros(LOG_MEL_128.window // 2, np.float32))
    whole = stream.passage(0, count)
    return Passage(whole.rows.copy(), whole.spectra)

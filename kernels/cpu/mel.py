"""Spectrograms of sound that is still coming in: a ring of columns, and windows of it."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from kernels.reference.mel import Floats, MelSpec, bands, hann

Ints = NDArray[np.int64]


class MelRing:
    """Turns sound into columns as it comes; what comes out in pieces is what the whole would give.

    A column is made when the last sample that it looks at is there, half a window after the
    moment that it stands for. The newest ``capacity`` columns are kept.
    """

    def __init__(self, spec: MelSpec, capacity: int = 256) -> None:
        self.spec = spec
        self.capacity = capacity
        self._bands, self._ends, self._bell = _tables(spec)
        # Each column stands twice, ``capacity`` apart, so that any window lies in one piece.
        self._columns = np.zeros((2 * capacity, spec.bands), np.float32)
        self._made = 0
        self._sound = np.zeros(4 * spec.window, np.float32)
        self._held = spec.window // 2  # silence, before the first sample
        self._last = np.float32(0)
        self._finished = False
        self._rows = np.empty((_BATCH, spec.window), np.float32)
        self._spectra = np.empty((_BATCH, spec.window), np.float32)

    @property
    def made(self) -> int:
        """How many columns there have been; column t stands for sample ``t * hop``."""
        return self._made

    @property
    def oldest(self) -> int:
        """The first column that is still there."""
        return max(0, self._made - self.capacity)

    def push(self, sound: Floats) -> int:
        """Take in mono samples of -1..1, however many, and return how many columns they made.

        Raises:
            ValueError: the sound has finished.
        """
        if self._finished:
            raise ValueError("this sound has finished; a new one wants a new ring")
        before = self._made
        room = len(self._sound) - self.spec.window
        for start in range(0, len(sound), room):
            self._take(np.asarray(sound[start : start + room], np.float32))
        return self._made - before

    def finish(self) -> int:
        """Let the sound end in silence, and return how many columns had waited for more of it."""
        if self._finished:
            return 0
        before, self._finished = self._made, True
        self._last = np.float32(0)
        self._take(np.zeros(self.spec.window // 2, np.float32))
        return self._made - before

    def window(self, first: int, count: int) -> Floats:
        """View columns ``first`` to ``first + count`` as [count, bands]; until the next ``push``.

        Raises:
            IndexError: they are gone, or not there yet.
        """
        if first < self.oldest or first + count > self._made or count < 0:
            there = f"{self.oldest} to {self._made}"
            raise IndexError(f"columns {first} to {first + count} of {there}")
        at = first % self.capacity
        return self._columns[at : at + count]

    def _take(self, sound: Floats) -> None:
        spec = self.spec
        held, count = self._held, len(sound)
        _lift(sound, self._last, np.float32(spec.preemphasis), self._sound[held : held + count])
        if count:
            self._last = sound[-1]
        held += count
        used = 0
        while held - used >= spec.window:
            batch = min(_BATCH, (held - used - spec.window) // spec.hop + 1)
            self._make(used, batch)
            used += batch * spec.hop
        # numpy moves overlapping memory as one would hope.
        self._sound[: held - used] = self._sound[used:held]
        self._held = held - used

    def _make(self, start: int, count: int) -> None:
        spec = self.spec
        rows, spectra = self._rows[:count], self._spectra[:count]
        _cut(self._sound, start, spec.hop, self._bell, rows)
        cv2.dft(rows, spectra, cv2.DFT_ROWS)
        numbers = np.array([spec.gain, spec.offset, spec.floor, *spec.bounds], np.float32)
        at = self._made
        _columns(spectra, spec.power, self._bands, self._ends, numbers, at, self._columns)
        self._made += count


_BATCH = 8
"""Columns that are worked out at once."""


@lru_cache(maxsize=8)
def _tables(spec: MelSpec) -> tuple[Floats, Ints, Floats]:
    weights = bands(spec)
    ends = np.array([(np.flatnonzero(w)[[0, -1]] if w.any() else (0, -1)) for w in weights])
    return weights.astype(np.float32), ends, hann(spec.window).astype(np.float32)


@njit(cache=True, nogil=True)
def _lift(sound, last, share, out):
    for i in range(sound.shape[0]):
        before = sound[i - 1] if i else last
        out[i] = sound[i] - share * before


@njit(cache=True, nogil=True)
def _cut(sound, start, hop, bell, out):
    for t in range(out.shape[0]):
        for i in range(out.shape[1]):
            out[t, i] = sound[start + t * hop + i] * bell[i]


@njit(cache=True, nogil=True, fastmath=True)
def _columns(spectra, power, bands, ends, numbers, made, out):
    """Add up each spectrum by bands. OpenCV packs one as re 0, re 1, im 1, re 2, im 2, ..."""
    gain, offset, floor, least, most = numbers
    capacity = out.shape[0] // 2
    size = spectra.shape[1]
    for t in range(spectra.shape[0]):
        row = spectra[t]
        at = (made + t) % capacity
        _strengths(row, power, size)
        for b in range(bands.shape[0]):
            total = np.float32(0)
            for k in range(ends[b, 0], ends[b, 1] + 1):
                total += bands[b, k] * row[k]
            value = offset + gain * np.float32(np.log10(max(floor, total)))
            out[at, b] = out[at + capacity, b] = min(max(value, least), most)


@njit(cache=True, nogil=True, fastmath=True)
def _strengths(row, power, size):
    """Replace a packed spectrum by its magnitudes or their squares, at its beginning."""
    row[0] *= row[0]
    for k in range(1, (size + 1) // 2):
        row[k] = row[2 * k - 1] * row[2 * k - 1] + row[2 * k] * row[2 * k]
    if size % 2 == 0:
        row[size // 2] = row[size - 1] * row[size - 1]
    if power == 1:
        for k in range(size // 2 + 1):
            row[k] = np.sqrt(row[k])

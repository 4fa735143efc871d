"""Spectrograms of sound that comes in pieces of 20 ms."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bench.kernels.contest import OURS, REFERENCE, Contest
from kernels import cpu, reference
from realtime.types import Floats

PIECE = 320
"""Samples of 20 ms."""

COLUMNS = 16


def spectrograms() -> Iterator[Contest]:
    """Yield the newest 16 columns, 20 ms later each time: from a ring, and from the last second."""
    sound = np.random.default_rng(0).normal(0, 0.1, 300 * 16_000).astype(np.float32)
    for name, spec in (("Wav2Lip", reference.WAV2LIP), ("log-mel", reference.LOG_MEL_64)):
        stream = _Stream(sound, spec)
        ways = {OURS: stream.piece, REFERENCE: stream.second}
        yield Contest(f"{name} spectrogram, 20 ms more", ways)


class _Stream:
    """Sound that has come in so far."""

    def __init__(self, sound: Floats, spec: reference.MelSpec) -> None:
        self._sound = sound
        self._spec = spec
        self._ring = cpu.MelRing(spec)
        self._come = 16_000
        self._ring.push(sound[: self._come])

    def piece(self, n: int) -> Floats:
        """Return the newest columns after another piece."""
        self._ring.push(self._sound[self._come : self._come + PIECE])
        self._come = min(self._come + PIECE, len(self._sound))
        return self._ring.window(self._ring.made - COLUMNS, COLUMNS)

    def second(self, n: int) -> Floats:
        """Return the newest columns of what has come, out of its last second."""
        first = (self._come - 16_000) // self._spec.hop
        columns = reference.mel(self._sound[first * self._spec.hop : self._come], self._spec)
        end = self._ring.made - first
        return columns[end - COLUMNS : end]

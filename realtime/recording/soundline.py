"""Blocks of mono sound, each with the time of its capture, as one stretch without gaps."""

from __future__ import annotations

import numpy as np

from realtime.sound.tape import RATE
from realtime.types import Floats

JUMP = 40 * RATE // 1000
"""Floats by which a block may be off its place before it counts as lost sound, not as jitter."""

NUDGE = RATE // 1000
"""Floats put in or left out at a time where two clocks drift apart."""

DRIFT = 5 * RATE // 1000
"""Floats of lasting drift from which on it is corrected."""

LONGEST = 10 * RATE
"""Silence put in at once, at most; more comes with the next block."""


class SoundLine:
    """Joins blocks; what is missing becomes silence, what is there twice is left out."""

    def __init__(self) -> None:
        self.position = 0
        self._drift = 0.0

    def place(self, block: Floats, at: int) -> Floats:
        """Return what to append for ``block``, captured ``at`` nanoseconds after the start."""
        off = round(at * RATE / 1e9) - self.position
        if abs(off) > JUMP or self.position == 0:
            self._drift = 0.0
            block = _moved(block, off)
        else:
            self._drift += (off - self._drift) / 50  # a second of blocks
            if abs(self._drift) > DRIFT:
                step = NUDGE if self._drift > 0 else -NUDGE
                self._drift -= step
                block = _moved(block, step)
        self.position += len(block)
        return block


def _moved(block: Floats, by: int) -> Floats:
    """Return ``block`` after ``by`` samples of silence, or without its first ``-by``."""
    if by <= 0:
        return block[-by:]
    return np.concatenate([np.zeros(min(by, LONGEST), np.float32), block])

"""The playing head: holds sound at its capture plus a delay, on a clock that is not the tape's."""

from __future__ import annotations

import numpy as np

from realtime.sound.tape import AFTER, BEFORE, RATE, Tape
from realtime.types import Floats

SLIP = RATE * 30 // 1000
"""Samples off beyond which the head moves at once; below, it runs a little faster or slower."""

MOST = 0.008
"""By how much the speed may differ: a seventh of a semitone, which nobody hears in speech."""

SETTLE = 0.5 * RATE
"""Samples in which an error would be gone at the speed that is first chosen for it."""

FORGET = RATE
"""A head this far ahead of where it should be does not wait: the time of the tape has changed."""

RESERVE = RATE // 250
"""Samples beyond a block that must be there before sound starts again: it must not flutter."""


class Follower:
    """Reads a tape so that each sample is heard ``delay`` after its capture.

    Two devices never run at the same rate: small errors are followed by playing up to 0.8 %
    faster or slower. A delay that grows at once is waited for in silence, so that nothing is
    heard twice; one that falls at once is caught up with by a cross-fade, which is counted.

    Attributes:
        error: samples by which the head was behind (+) or ahead (-) at the last block.
        underruns: blocks, or parts of one, that were silent because the sound was not there yet.
        waits: how often the head waited for a delay that had grown.
        slips: how often it left sound out.
        skipped: samples left out.
    """

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._at: float | None = None
        self._resume: float | None = None
        self._started = False
        self.error = 0.0
        self.underruns = self.waits = self.slips = self.skipped = 0

    def next(self, count: int, heard: int, delay: int) -> Floats:
        """Return ``count`` samples, the first of which is heard at ``heard``."""
        target = self._tape.position_at(heard - delay)
        if target is None:
            return np.zeros(count, np.float32)
        if self._at is None:
            return self._start(target, count)
        self.error = target - self._at
        if self.error > SLIP:
            return self._slip(self._at, target, count)
        if self.error < -SLIP:
            return self._wait(self._at, count)
        speed = 1 + min(MOST, max(-MOST, self.error / SETTLE))
        block = self._tape.read(self._at, count, speed)
        if block is None:
            return self._run_out(self._at, count)
        self._at += count * speed
        return block

    def _start(self, target: float, count: int) -> Floats:
        """Begin, or go on after a pause, where the delay says, fading in."""
        if self._resume is not None and not 0 < self._resume - target < FORGET:
            self._resume = None
        if self._resume is not None and self._resume - target > count:
            return np.zeros(count, np.float32)  # the wait goes on
        at = target if self._resume is None else self._resume
        enough = at + count + AFTER + RESERVE < self._tape.end
        block = self._tape.read(at, count) if at >= BEFORE and enough else None
        if block is None:
            self._tape.passed(at)
            self.underruns += self._started
            return np.zeros(count, np.float32)
        self._resume = None
        self._at, self._started = at + count, True
        return block * _ramp(count)

    def _slip(self, at: float, target: float, count: int) -> Floats:
        """Go over to ``target`` within one block."""
        new = self._tape.read(target, count)
        if new is None:
            return self._run_out(at, count)
        old = self._tape.read(at, count)
        fade = _ramp(count)
        self.slips += 1
        self.skipped += round(target - at)
        self._at = target + count
        return new * fade if old is None else new * fade + old * (1 - fade)

    def _wait(self, at: float, count: int) -> Floats:
        """Fade out, and go on from there when it is due."""
        block = self._tape.read(at, count)
        self.waits += 1
        self._at, self._resume = None, at + (0 if block is None else count)
        return np.zeros(count, np.float32) if block is None else block * (1 - _ramp(count))

    def _run_out(self, at: float, count: int) -> Floats:
        """Play what is left, fading out, then silence."""
        out = np.zeros(count, np.float32)
        left = min(count, int(self._tape.end - at) - AFTER - 1)
        rest = self._tape.read(at, left) if left > 0 else None
        if rest is not None:
            out[:left] = rest * (1 - _ramp(left))
        self.underruns += 1
        self._at = None
        return out


def _ramp(count: int) -> Floats:
    """Return a rise from 0 to 1 without corners."""
    return (0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / count)).astype(np.float32)

"""The playing head: holds sound at its capture plus a delay, on a clock that is not the tape's."""

from __future__ import annotations

from math import exp, sqrt

import numpy as np

from realtime.sound.splice import FADE, gone_over, like_place
from realtime.sound.tape import AFTER, BEFORE, RATE, Tape
from realtime.types import Floats

SLIP = RATE * 80 // 1000
"""Samples off beyond which the head moves at once, which is heard."""

HURRY = RATE * 6 // 1000
"""Samples off beyond which it leaves waves out, or plays some twice; below, speed does it."""

SHORTEST, LONGEST = RATE // 400, RATE // 50
"""Samples that may be left out or played twice at once: a wave of 400 Hz, and 20 ms."""

REST = RATE // 25
"""Samples between two such places."""

LIKE, LIKE_ENOUGH, YIELD = 0.85, 0.3, 0.08
"""How alike two places have to be, at first and at last, and how much less with each block."""

FAINTEST = 0.02
"""Speech is taken to be this loud at least, as a root mean square of 1."""

FADES_S = 3.0
"""How long a loud moment says how loud speech is."""

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
    faster or slower, larger ones by leaving waves out or playing some twice where that is not
    heard, up to some 200 ms a second. A delay that grows by a good deal at once is waited for in
    silence; one that falls so is caught up with by a cross-fade, which is counted.

    Attributes:
        error: samples by which the head was behind (+) or ahead (-) at the last block.
        underruns: blocks, or parts of one, that were silent because the sound was not there yet.
        waits: how often the head waited for a delay that had grown.
        slips: how often it left sound out.
        skipped: samples left out by that.
        spliced: samples left out or played twice where it is not heard.
    """

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._at: float | None = None
        self._resume: float | None = None
        self._started = False
        self._rested = self._refused = 0
        self._loud = FAINTEST
        self.error = 0.0
        self.underruns = self.waits = self.slips = self.skipped = self.spliced = 0

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
        self._rested += count
        if abs(self.error) > HURRY and self._rested >= REST and count >= FADE:
            block = self._splice(self._at, count)
            if block is not None:
                return block
        speed = 1 + min(MOST, max(-MOST, self.error / SETTLE))
        block = self._tape.read(self._at, count, speed)
        if block is None:
            return self._run_out(self._at, count)
        self._at += count * speed
        faded = self._loud * exp(-count / (RATE * FADES_S))
        self._loud = max(FAINTEST, faded, sqrt(float(block @ block) / count))
        return block

    def _splice(self, at: float, count: int) -> Floats | None:
        """Go over to a like place nearer to where the head should be; None where there is none.

        It may lie a little beyond: else there would be none for a deep voice and a small error.
        """
        behind = self.error > 0
        most = min(LONGEST, round(abs(self.error)) + HURRY - 1)
        first = at + SHORTEST if behind else at - most
        here = self._tape.read(at, FADE)
        stretch = self._tape.read(first, most - SHORTEST + FADE) if first >= BEFORE else None
        if here is None or stretch is None:
            return None
        place = like_place(here, stretch, self._loud, last=behind)
        if place.likeness < max(LIKE_ENOUGH, LIKE - YIELD * self._refused):
            self._refused += 1
            return None
        goal = first + place.at
        block = self._tape.read(goal, count)
        if block is None:
            return None
        self._rested = self._refused = 0
        self.spliced += round(abs(goal - at))
        self.error -= goal - at
        self._at = goal + count
        return gone_over(here, block)

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

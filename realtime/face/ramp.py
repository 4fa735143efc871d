"""Changing an edit gently: from what is shown to what is wished, along a smooth step."""

from __future__ import annotations

import numpy as np

from realtime.clock import MS
from realtime.face.emotion import Wish
from realtime.types import Floats


class Glide:
    """Moves numbers towards their newest goal; the first goal is there at once."""

    def __init__(self) -> None:
        self._from: Floats | None = None
        self._to: Floats | None = None
        self._start = 0
        self._length = 0.0

    def __call__(self, goal: Floats, now: int, ramp_ms: float) -> Floats:
        """Return where they are at ``now``; a new goal is reached in ``ramp_ms``."""
        if self._to is None or self._from is None:
            self._from = self._to = goal
        elif not np.array_equal(goal, self._to):
            self._from = self._at(now)
            self._to, self._start, self._length = goal, now, ramp_ms * MS
        return self._at(now)

    def arrived(self, now: int) -> bool:
        """Tell whether the goal is reached."""
        return now - self._start >= self._length

    def _at(self, now: int) -> Floats:
        assert self._from is not None
        assert self._to is not None
        if self._length <= 0:
            return self._to
        t = min(1.0, max(0.0, (now - self._start) / self._length))
        return self._from + np.float32(t * t * (3 - 2 * t)) * (self._to - self._from)


class Ramp:
    """Moves towards the newest wish over its ramp; the first wish is there at once."""

    def __init__(self) -> None:
        self._glide = Glide()
        self._wish: Wish | None = None

    def __call__(self, wish: Wish, now: int, ramp_ms: float) -> Wish:
        """Return what to show at ``now``."""
        if wish is self._wish and self._glide.arrived(now):
            return wish  # as nearly always
        self._wish = wish
        goal = np.concatenate([wish.add, wish.calm, wish.shade])
        add, calm, shade = np.split(
            self._glide(goal, now, ramp_ms), [len(wish.add), 2 * len(wish.add)]
        )
        return Wish(add, calm, shade)

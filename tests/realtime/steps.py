"""A stage made of a function, that takes as long as it is told to by a clock that is not real."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from realtime.clock import ManualClock

In = TypeVar("In")
Out = TypeVar("Out")


class Step(Generic[In, Out]):
    """Attributes count what was asked of it; ``cost`` is in nanoseconds."""

    def __init__(self, name: str, clock: ManualClock, work: Callable[[In], Out]) -> None:
        self.name = name
        self.cost = 0
        self.runs = self.resets = self.closes = 0
        self._clock = clock
        self._work = work

    def __call__(self, x: In, /) -> Out:
        self.runs += 1
        self._clock.advance(self.cost)
        return self._work(x)

    def reset(self) -> None:
        self.resets += 1

    def close(self) -> None:
        self.closes += 1

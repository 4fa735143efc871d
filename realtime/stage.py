"""What a step of the filter is, and how its time is kept."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Protocol, TypeVar

from realtime.clock import MS, Clock, Deadline

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out", covariant=True)
A = TypeVar("A")
B = TypeVar("B")


class Stage(Protocol[In, Out]):
    """A named step. Calling it may change its own state and nothing else."""

    @property
    def name(self) -> str:
        """Short, stable; the key in traces and metrics."""
        ...

    def __call__(self, x: In, /) -> Out:
        """Do the step."""
        ...

    def reset(self) -> None:
        """Forget the past; called when the stream jumps."""
        ...

    def close(self) -> None:
        """Give back resources; idempotent."""
        ...


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Durations in nanoseconds over the recent runs of a stage."""

    p50: int
    p95: int


class Meter:
    """Recent durations of each stage, and what the next is likely to cost.

    Only what ran within ``stale`` counts, and a stage that did not is expected to be free.
    Otherwise one slow run would forbid the next, which is the only thing that could prove it
    fast again.
    """

    def __init__(self, clock: Clock, window: int = 64, stale: int = 1000 * MS) -> None:
        self._clock = clock
        self._window = window
        self._stale = stale
        self._runs: dict[str, deque[_Run]] = {}
        self.last: dict[str, int] = {}

    def time(self, stage: Stage[A, B], x: A) -> B:
        """Run ``stage`` on ``x`` and remember how long it took."""
        start = self._clock.now()
        y = stage(x)
        spent = self._clock.now() - start
        self.add(stage.name, spent)
        self.last[stage.name] = spent
        return y

    def add(self, name: str, spent: int) -> None:
        """Remember that the stage ``name``, which ran elsewhere, has just taken ``spent``."""
        runs = self._runs.setdefault(name, deque(maxlen=self._window))
        runs.append(_Run(self._clock.now(), spent))

    def expect(self, *names: str) -> int:
        """Return the 95th-percentile cost of running ``names`` one after another."""
        since = self._clock.now() - self._stale
        recent = ([r.spent for r in self._runs.get(n, ()) if r.end >= since] for n in names)
        return sum(_at(spent, 0.95) for spent in recent if spent)

    def fits(self, deadline: Deadline, *names: str) -> bool:
        """Tell whether ``names`` would likely end before ``deadline``."""
        return deadline.fits(self._clock.now(), self.expect(*names))

    def percentiles(self) -> dict[str, Percentiles]:
        """Return p50 and p95 of every stage that has run; safe to call from another thread."""
        recent = {name: [r.spent for r in tuple(runs)] for name, runs in tuple(self._runs.items())}
        return {n: Percentiles(_at(xs, 0.5), _at(xs, 0.95)) for n, xs in recent.items() if xs}


@dataclass(frozen=True, slots=True)
class _Run:
    end: int
    spent: int


def _at(xs: list[int], q: float) -> int:
    return sorted(xs)[int(q * (len(xs) - 1))]

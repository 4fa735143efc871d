"""What happened to the frames of a run: faces, rungs, and what each stage cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from realtime.clock import MS
from realtime.types import Filtered


class Tally:
    """A sink that keeps numbers instead of pictures.

    Attributes:
        frames: frames seen.
        size: width and height of the last.
        faces: how many frames had so many faces.
        rungs: how many frames got so much of the filter.
    """

    def __init__(self, told: Callable[[int], None] = lambda done: None) -> None:
        self._told = told
        self._spent: dict[str, list[int]] = {}
        self.frames = 0
        self.size = (0, 0)
        self.faces: Counter[int] = Counter()
        self.rungs: Counter[str] = Counter()

    def send(self, filtered: Filtered) -> None:
        """Count one frame."""
        self.frames += 1
        self.size = (filtered.frame.width, filtered.frame.height)
        self.faces[len(filtered.faces)] += 1
        self.rungs[filtered.rung.value] += 1
        for name, spent in filtered.spent.items():
            self._spent.setdefault(name, []).append(spent)
        self._told(self.frames)

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""

    def stages(self) -> dict[str, dict[str, float]]:
        """Return p50 and p95 of every stage, in milliseconds."""
        return {
            name: {"p50_ms": _at(spent, 0.5), "p95_ms": _at(spent, 0.95)}
            for name, spent in self._spent.items()
        }


def _at(spent: list[int], q: float) -> float:
    ordered = sorted(spent)
    return round(ordered[int(q * (len(ordered) - 1))] / MS, 3)

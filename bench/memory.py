"""How much memory a process and all that it started take, and how fast that grows. Linux only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

MIB = 1024.0
"""KiB, in which Linux counts."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading.

    Attributes:
        at: seconds, on any one clock.
        mib: what all the processes use.
    """

    at: float
    mib: float


def tree(pid: int) -> list[int]:
    """Return ``pid`` and every process below it that is still there."""
    found = [pid]
    for parent in found:  # grows while it is walked
        found += [child for task in _tasks(parent) for child in _children(task)]
    return found


def used(pid: int) -> float:
    """Return the MiB that ``pid`` and all below it take now; 0 where it is gone.

    That is their proportional set size: what several processes share counts once in all.
    """
    return sum(_size(each, "Pss") for each in tree(pid)) / MIB


def owned(pid: int) -> float:
    """Return the part of :func:`used` that is theirs alone to grow: without the files they map.

    The share of a mapped library goes up and down with what else the machine runs.
    """
    parts = ("Pss_Anon", "Pss_Shmem")
    return sum(_size(each, *parts) for each in tree(pid)) / MIB


def growth(samples: Sequence[Sample]) -> float:
    """Return MiB a minute: the median slope between all pairs of samples (Theil and Sen).

    A single burst, such as a buffer that is filled once, does not move it.
    """
    at = np.array([s.at for s in samples])
    mib = np.array([s.mib for s in samples])
    first, second = np.triu_indices(len(samples), 1)
    apart = at[second] - at[first]
    known = apart > 0
    if not known.any():
        return 0.0
    slopes = (mib[second] - mib[first])[known] / apart[known]
    return float(60.0 * np.median(slopes))


def _tasks(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []


def _children(task: Path) -> list[int]:
    try:
        return [int(child) for child in (task / "children").read_text().split()]
    except OSError:  # it ended in between
        return []


def _size(pid: int, *kinds: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.partition(":")[0] in kinds)

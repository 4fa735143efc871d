"""Several ways to one result, in turns on the same machine, and how far apart what they give is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from bench.report import Row, percentile

Work = Callable[[int], Any]
"""Does the operation on the n-th picture and returns an array, or several in a tuple."""

OURS, REFERENCE = "ours", "numpy reference"

BLOCK = 10
"""Runs of one way before it is the next one's turn."""

SLOW_NS = 20_000_000
"""What takes longer is run a few times only: nobody would use it in a call."""

FEW = 3


@dataclass(frozen=True, slots=True)
class Contest:
    """One operation.

    Attributes:
        name: what is done, and to what.
        ways: by name; ``OURS`` and ``REFERENCE`` are among them.
        levels: how many levels of a picture a difference of 1 is.
    """

    name: str
    ways: Mapping[str, Work]
    levels: float = 1.0


def held(contest: Contest, count: int) -> Iterator[Row]:
    """Run every way ``count`` times, and yield a row for each.

    ``share`` is our median as a share of this way's; ``off`` and ``most_off`` how far its result is
    from the reference's, mean and largest, in levels of 0..255 where it is a picture.
    """
    given = {who: _numbers(work(0)) for who, work in contest.ways.items()}
    off = {who: np.abs(got - given[REFERENCE]) * contest.levels for who, got in given.items()}
    times = _times(contest.ways, count)
    ours = percentile(times[OURS], 0.5)
    for who, taken in times.items():
        yield Row.of(
            f"{contest.name} | {who}",
            taken,
            share=round(ours / percentile(taken, 0.5), 3),
            off=round(float(off[who].mean()), 4),
            most_off=round(float(off[who].max()), 4),
        )


def _times(ways: Mapping[str, Work], count: int) -> dict[str, list[int]]:
    times: dict[str, list[int]] = {who: [] for who in ways}
    while pending := [who for who in ways if len(times[who]) < _wanted(times[who], count)]:
        for who in pending:
            for _ in range(min(BLOCK, _wanted(times[who], count) - len(times[who]))):
                start = time.perf_counter_ns()
                ways[who](len(times[who]))
                times[who].append(time.perf_counter_ns() - start)
                if times[who][-1] > SLOW_NS:
                    break
    return times


def _wanted(taken: list[int], count: int) -> int:
    return min(FEW, count) if taken and min(taken) > SLOW_NS else count


def _numbers(result: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    parts = cast("tuple[Any, ...]", result) if isinstance(result, tuple) else (result,)
    return np.concatenate([np.asarray(part, np.float64).ravel() for part in parts])

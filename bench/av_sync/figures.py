"""What offsets say: the usual one, the worst, drift, and how long a step is felt. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.av_sync.detect import Offset
from bench.report import Figure, Row
from realtime.clock import MS

MEDIAN_BAR_MS = 20.0
P95_BAR_MS = 45.0
SETTLE_BAR_S = 3.0

AROUND = 4
"""Flashes on either side of a step that are looked at to find it."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a sink is measured.

    Attributes:
        seconds: that count, of each run.
        delays: milliseconds by which the filter is later than it is, a run each.
        step: milliseconds by which it becomes so in the middle of one more run; 0 for none.
        together: send both tracks in one media stream in one more run, where that can be.
    """

    seconds: float
    delays: tuple[int, ...]
    step: int
    together: bool = False


def offset_row(name: str, offsets: Sequence[Offset], **extra: Figure) -> Row:
    """Return the row of a run; its percentiles are those of the distance, whichever way."""
    if not offsets:
        return Row(f"av-sync {name}", extra={"count": 0, "inside": False, **extra})
    row = Row.of(f"av-sync {name}", [abs(offset.ns) for offset in offsets])
    middle = median(offset.ns for offset in offsets) / MS
    inside = abs(middle) <= MEDIAN_BAR_MS and (row.p95_ms or 0) <= P95_BAR_MS
    figures = {"median_ms": round(middle, 1), "count": len(offsets), "inside": inside}
    return Row(row.name, row.p50_ms, row.p95_ms, row.p99_ms, {**figures, **extra})


def drift(offsets: Sequence[Offset]) -> float | None:
    """Return by how much the last fifth differs from the first, milliseconds."""
    share = len(offsets) // 5
    if share < 3:
        return None
    first, last = (median(o.ns for o in part) for part in (offsets[:share], offsets[-share:]))
    return round((last - first) / MS, 1)


def step_time(delays: Sequence[tuple[int, int]]) -> int | None:
    """Return when the last came out before the greatest rise of ``delays``; None where it is not.

    ``delays`` are (when it came out, how long it took).
    """
    rises = [
        (
            median(took for _, took in delays[i : i + AROUND])
            - median(took for _, took in delays[i - AROUND : i]),
            delays[i - 1][0],
        )
        for i in range(AROUND, len(delays) - AROUND + 1)
    ]
    return max(rises)[1] if rises else None


def settled(offsets: Sequence[Offset], step: int) -> float | None:
    """Return how long after ``step`` the last of the offsets beyond the bar came, seconds.

    0 where none was, None where there is nothing after the step. One in twenty may lie beyond
    the bar at any time: one alone, with two inside before it, does not count.
    """
    after = [offset for offset in offsets if offset.at > step]
    if not after:
        return None
    outside = [abs(offset.ns) > P95_BAR_MS * MS for offset in after]
    last = 0.0
    for i, (offset, out) in enumerate(zip(after, outside, strict=True)):
        alone = i >= 2 and not any(outside[i - 2 : i]) and not any(outside[i + 1 : i + 2])
        if out and not alone:
            last = (offset.at - step) / (1000 * MS)
    return round(last, 2)


def limits(rows: Sequence[Row]) -> str:
    """Return a line that says which rows keep the bars."""
    outside = [row.name for row in rows if row.extra.get("inside") is False]
    slow = [
        row.name
        for row in rows
        if isinstance(s := row.extra.get("settled_s"), float) and s > SETTLE_BAR_S
    ]
    if not outside and not slow:
        return f"all inside: |median| <= {MEDIAN_BAR_MS:g} ms, p95 <= {P95_BAR_MS:g} ms"
    return "outside: " + ", ".join(dict.fromkeys([*outside, *slow]))

"""What the numbers seen in a browser say: how old, how many, in which order. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from realtime.clock import MS

Sightings = Sequence[tuple[float, int]]
"""(milliseconds, number in the picture) in the order of time; -1 where it cannot be read."""


LONGEST = 4000.0
"""Milliseconds that a picture may take to come back; less than a turn of the clip."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What ``watch.js`` noted over a stretch of a call.

    Attributes:
        shown_before: the camera's own pictures on the screen, by when they were taken.
        shown_after: the returned ones on the screen.
        sent: the camera's pictures, also those that the screen passed over.
        returned: the same of the returned ones.
        sound: when each packet of the returned sound arrived, milliseconds.
    """

    shown_before: Sightings
    shown_after: Sightings
    sent: Sightings
    returned: Sightings
    sound: Sequence[float]

    @classmethod
    def of(cls, noted: Mapping[str, Any]) -> Watched:
        """Take over what the page's ``watch.take()`` gives."""
        shown, decoded = (cast("Mapping[str, Any]", noted[k]) for k in ("shown", "decoded"))
        return cls(
            *([(t, n) for t, n in side] for side in (shown["before"], shown["after"])),
            *([(t, n) for t, n in side] for side in (decoded["before"], decoded["after"])),
            sound=noted["soundArrivals"],
        )


def ages(before: Sightings, after: Sightings) -> list[int]:
    """Return, for each picture in ``after``, how long ago the same was in ``before``; nanoseconds.

    The camera's clip goes round, so the latest time that a number was seen is taken, and what is
    older than ``LONGEST`` is the turn before, whose number the screen passed over in this one.
    """
    seen: dict[int, list[float]] = defaultdict(list)
    for at, number in before:
        seen[number].append(at)
    found: list[int] = []
    for at, number in after:
        earlier = bisect_right(seen[number], at) if number >= 0 else 0
        age = at - seen[number][earlier - 1] if earlier else LONGEST
        if age < LONGEST:
            found.append(round(age * MS))
    return found


def gaps(times: Sequence[float]) -> list[int]:
    """Return the distances between ``times`` in milliseconds, as nanoseconds."""
    return [round((b - a) * MS) for a, b in pairwise(times)]


def rate(sightings: Sightings) -> float:
    """Return pictures a second."""
    if len(sightings) < 2:
        return 0.0
    return (len(sightings) - 1) * 1000 / (sightings[-1][0] - sightings[0][0])


@dataclass(frozen=True, slots=True)
class Passage:
    """What became of the pictures on their way.

    Attributes:
        sent: pictures between the first and the last that came back, both included.
        lost: share of them that did not come back.
        swapped: pictures that came back after a later one.
        unreadable: pictures whose number did not survive.
    """

    sent: int
    lost: float
    swapped: int
    unreadable: int


def passage(sent: Sightings, returned: Sightings, around: int) -> Passage:
    """Compare what was sent with what came back; numbers go round after ``around``."""
    out = _unrolled([number for _, number in sent], around)
    numbers = [number for _, number in returned if number >= 0]
    back = _unrolled(numbers, around)
    if not out or not back:
        return Passage(0, 1.0, 0, len(returned))
    # Watching begins on both sides at once, so what comes back first may have left just before.
    start = (back[0] - out[0] + around // 2) % around - around // 2 + out[0]
    back = [n - back[0] + start for n in back]
    wanted = [n for n in out if back[0] <= n <= max(back)]
    lost = len(set(wanted) - set(back))
    swapped = sum(b < a for a, b in pairwise(back))
    return Passage(len(wanted), lost / max(1, len(wanted)), swapped, len(returned) - len(numbers))


def _unrolled(numbers: Sequence[int], around: int) -> list[int]:
    """Let numbers that go round count on; a step back of less than half a turn stays one."""
    unrolled: list[int] = []
    for number in numbers:
        if not unrolled:
            unrolled.append(number)
            continue
        step = (number - unrolled[-1] + around // 2) % around - around // 2
        unrolled.append(unrolled[-1] + step)
    return unrolled

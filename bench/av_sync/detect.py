"""Where flashes and beeps begin in decoded picture and sound, and how far apart. Pure.

Signs are those of ITU-R BT.1359: **positive is sound early**, the beep before its flash; negative
is sound late. Times are nanoseconds on any one clock.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bench.av_sync.clip import HERTZ, patch
from realtime.clock import MS
from realtime.types import Pixels

NEAR = 330 * MS
"""How far from the usual distance two onsets may be and still belong together: half of the shortest
gap between two marks."""

FAR = 3000 * MS
"""The greatest distance that is looked for."""

BESIDE = 1500 * MS
"""The greatest distance in time between a flash and the beep that its way is compared with."""

BRIGHTER = 60.0
"""Levels by which a picture's patch must be above the darkest to be lit."""

FAINT = 0.01
"""The strength, of 1, that a beep has at least; a hundredth of the full scale."""

QUIET_MS = 100
"""What must lie between the end of a beep and the next that counts."""


@dataclass(frozen=True, slots=True)
class Offset:
    """One flash and its beep.

    Attributes:
        at: when the flash began.
        ns: how much later than its beep: positive where sound is early.
    """

    at: int
    ns: int


def level(luma: Pixels) -> float:
    """Return the mean of the patch that flashes, without its rim, which codecs smear."""
    inner = patch(luma)
    rows, columns = (side // 5 for side in inner.shape)
    return float(inner[rows:-rows, columns:-columns].mean())


def flash_onsets(levels: Sequence[tuple[int, float]]) -> list[int]:
    """Return the times at which the patch turned bright, from (time, level) in order."""
    if not levels:
        return []
    values = [value for _, value in levels]
    dark, bright = np.quantile(values, 0.1), max(values)
    if bright - dark < BRIGHTER:
        return []
    half = (dark + bright) / 2
    return [at for (_, before), (at, after) in pairwise(levels) if before < half <= after]


def beep_onsets(samples: NDArray[np.generic], rate: int, start: int = 0) -> list[int]:
    """Return the times at which beeps begin in [n] samples whose first was at ``start``.

    The strength of the tone alone counts, so that noise and hum do not; an onset is where it passes
    half of the beep's own, less the delay that the measure of strength has itself.
    """
    strength, lag = _tone(np.asarray(samples, np.float64), rate)
    if not len(strength) or strength.max() <= 0:
        return []
    usual = float(np.quantile(strength[strength > 0.25 * strength.max()], 0.5))
    loud = strength >= 0.5 * usual
    rises = np.flatnonzero(loud[1:] & ~loud[:-1]) + 1
    falls = np.flatnonzero(~loud[1:] & loud[:-1]) + 1
    quiet = QUIET_MS * rate // 1000
    found: list[int] = []
    for rise in rises:
        before = falls[falls <= rise]
        if len(before) and rise - before[-1] < quiet:
            continue
        found.append(start + round((rise - lag) * 1000 * MS / rate))
    return found


def tone_onsets(strengths: Sequence[tuple[int, float]]) -> list[int]:
    """Return the times at which the tone begins, from (time, its strength in what follows).

    An onset lies within its millisecond as far as the tone fills it.
    """
    if not strengths:
        return []
    values = np.array([value for _, value in strengths])
    usual = float(np.median(values[values > 0.25 * values.max()])) if values.max() > 0 else 0.0
    if usual < FAINT:
        return []
    found: list[int] = []
    silent_since = strengths[0][0] - 2 * QUIET_MS * MS
    for (_, before), (at, value) in pairwise(strengths):
        if before < 0.5 * usual <= value:
            if at - silent_since >= QUIET_MS * MS:
                begun = 1 - min(1.0, value / usual) - before / usual
                found.append(at + round(begun * MS))
        elif value < 0.5 * usual <= before:
            silent_since = at
    return found


def pair(flashes: Sequence[int], beeps: Sequence[int]) -> list[Offset]:
    """Return each flash with the beep that belongs to it; one that lacks its other is left out."""
    usual = usual_distance(beeps, flashes)
    return [Offset(flash, flash - beep) for beep, flash in matches(beeps, flashes, usual)]


def pair_through(
    flashes: tuple[Sequence[int], Sequence[int]], beeps: tuple[Sequence[int], Sequence[int]]
) -> list[Offset]:
    """Return what a passage does to flashes and beeps, each given as (going in, coming out).

    An offset is how much longer a flash took than the beep that came out next to it, whether or
    not they went in together: what was apart before does not count.
    """
    pictures, sounds = passed(*flashes), passed(*beeps)
    times = [at for at, _ in sounds]
    found: list[Offset] = []
    for at, took in pictures:
        place = bisect_left(times, at)
        near = sounds[max(0, place - 1) : place + 1]
        beside = min(near, key=lambda sound: abs(sound[0] - at), default=None)
        if beside is not None and abs(beside[0] - at) <= BESIDE:
            found.append(Offset(at, took - beside[1]))
    return found


def passed(before: Sequence[int], after: Sequence[int]) -> list[tuple[int, int]]:
    """Return (when it came out, how long it took) of what went in and came out."""
    return [(b, b - a) for a, b in matches(before, after, usual_distance(before, after))]


def usual_distance(first: Sequence[int], second: Sequence[int]) -> int:
    """Return the distance from ``first`` to ``second`` that most pairs agree on; 0 for none.

    The gaps between marks all differ, so that only the true distance is found again and again.
    """
    later = np.sort(np.asarray(second, np.int64))
    near = [
        later[np.searchsorted(later, a - FAR) : np.searchsorted(later, a + FAR)] - a for a in first
    ]
    distances = np.sort(np.concatenate(near)) if near else later[:0]
    if not len(distances):
        return 0
    width = 40 * MS
    below = np.searchsorted(distances, distances - width, "left")
    votes = np.searchsorted(distances, distances + width, "right") - below
    best = distances[votes == votes.max()]
    centre = best[np.argmin(np.abs(best))]
    return int(np.median(distances[np.abs(distances - centre) <= width]))


def matches(first: Sequence[int], second: Sequence[int], distance: int) -> list[tuple[int, int]]:
    """Return the pairs that lie about ``distance`` apart; each onset is in one pair at most."""
    found: list[tuple[int, int]] = []
    taken: set[int] = set()
    for at in first:
        place = bisect_left(second, at + distance)
        near = [second[i] for i in (place - 1, place) if 0 <= i < len(second)]
        other = min(near, key=lambda x: abs(x - at - distance), default=None)
        if other is None or other in taken or abs(other - at - distance) > NEAR:
            continue
        taken.add(other)
        found.append((at, other))
    return found


def _tone(samples: NDArray[np.float64], rate: int) -> tuple[NDArray[np.float64], int]:
    """Return the strength of the beep's tone around each sample, and its delay in samples."""
    size = 2 * rate // HERTZ  # two waves
    turn = np.exp(-2j * np.pi * HERTZ * np.arange(len(samples)) / rate) * samples
    sums = np.concatenate(([0], np.cumsum(turn)))
    strength = np.abs(sums[size:] - sums[:-size]) / size
    return np.concatenate((np.zeros(size - 1), strength)), size // 2

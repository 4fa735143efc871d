"""Flashes and beeps that were sent out together, and what of them came back: pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from realtime.clock import MS, SECOND
from realtime.types import Floats, Pixels

HERTZ = 1000
BEEP_S = 0.08
FLASH_S = 0.2
"""Long enough for a slow camera to see it whole."""

GAPS_MS = (1511, 1907, 1601, 2111, 1709, 2003, 1553, 1847)
"""Between marks, round and round: longer than anything may be late, and never in a rhythm, least of
all in that of a camera."""

LATEST = 1400 * MS
"""How late a flash or a beep may come back and still be taken for its own."""

EARLIEST = -100 * MS
"""Screens and drivers do not know their own times that well."""

GRID = 8
"""The picture is watched in so many columns and rows: the screen may fill only a part of it."""

CONTRAST = 12.0
"""Levels that a cell must brighten by to have seen the flash."""

LOUDER = 6.0
"""How many times the tone's usual strength a beep must have."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came back.

    Attributes:
        sent: how many marks went out.
        seen: how many flashes came back.
        heard: how many beeps came back.
        offset_ms: median by which the picture comes later than its sound; None without pairs.
        spread_ms: distance between the quartiles of it.
    """

    sent: int
    seen: int
    heard: int
    offset_ms: float | None = None
    spread_ms: float = 0.0


def marks(start: int, seconds: float) -> list[int]:
    """Return when flashes and beeps are due in the ``seconds`` after ``start``, nanoseconds."""
    due: list[int] = []
    at = start
    while at <= start + seconds * SECOND:
        due.append(at)
        at += GAPS_MS[(len(due) - 1) % len(GAPS_MS)] * MS
    return due


def beep(first: int, count: int, due: Sequence[int], rate: int) -> Floats:
    """Return ``count`` samples from the time ``first`` on, with a beep at each time in ``due``."""
    out = np.zeros(count, np.float32)
    length = round(BEEP_S * rate)
    for at in due:
        start = round((at - first) * rate / SECOND)
        if -length < start < count:
            t = np.arange(max(0, start), min(count, start + length)) - start
            fade = np.clip((length - t) / (rate / 100), 0, 1)
            out[t + start] = 0.5 * fade * np.cos(2 * np.pi * HERTZ * t / rate)
    return out


def cells(luma: Pixels) -> Floats:
    """Return [GRID * GRID], how bright each part of the picture is."""
    height, width = (side // GRID * GRID for side in luma.shape)
    blocks = luma[:height, :width].reshape(GRID, height // GRID, GRID, width // GRID)
    return blocks.mean(axis=(1, 3), dtype=np.float32).ravel()


def flash_times(seen: Sequence[tuple[int, Floats]], due: Sequence[int]) -> dict[int, int]:
    """Return when each flash in ``due`` that came back was first seen.

    Args:
        seen: time of capture and :func:`cells` of each picture, in order.
        due: when flashes were shown.
    """
    if not seen:
        return {}
    times = np.array([at for at, _ in seen], np.int64)
    levels = np.array([level for _, level in seen])
    low, high = np.quantile(levels, (0.2, 0.97), axis=0)
    best = int(np.argmax(high - low))
    if high[best] - low[best] < CONTRAST:
        return {}
    lit = levels[:, best] > (low[best] + high[best]) / 2
    rises = times[1:][lit[1:] & ~lit[:-1]]
    return _first_after(rises, due)


def beep_times(samples: Floats, start: int, rate: int, due: Sequence[int]) -> dict[int, int]:
    """Return when each beep in ``due`` that came back was first heard.

    Args:
        samples: [n] mono, what was recorded.
        start: when the first of them was in the air.
        rate: samples a second.
        due: when beeps were played.
    """
    size = 4 * rate // HERTZ
    if len(samples) < 2 * size:
        return {}
    turn = np.exp(-2j * np.pi * HERTZ * np.arange(len(samples)) / rate) * samples
    sums = np.concatenate(([0], np.cumsum(turn)))
    strength = np.abs(sums[size:] - sums[:-size]) / size
    peak, usual = float(np.quantile(strength, 0.985)), float(np.median(strength))
    if peak <= LOUDER * usual or peak <= 0:
        return {}
    loud = strength > 0.5 * peak
    rises = np.flatnonzero(loud[1:] & ~loud[:-1]) + 1 + size // 2
    return _first_after(start + rises * SECOND // rate, due)


def verdict(
    due: Sequence[int],
    shown: Sequence[int],
    flashes: dict[int, int],
    beeps: dict[int, int],
) -> Verdict:
    """Return how far picture and sound are apart.

    Args:
        due: when flash and beep were to leave; the beep does.
        shown: when the flash of each really left.
        flashes: when each flash came back, by the time in ``shown``.
        beeps: when each beep came back, by the time in ``due``.
    """
    apart = [
        ((flashes[flash] - flash) - (beeps[at] - at)) / MS
        for at, flash in zip(due, shown, strict=True)
        if flash in flashes and at in beeps
    ]
    if not apart:
        return Verdict(len(due), len(flashes), len(beeps))
    quarter, half = np.quantile(apart, (0.25, 0.75))
    return Verdict(len(due), len(flashes), len(beeps), median(apart), float(half - quarter))


def _first_after(
    found: np.ndarray[tuple[int, ...], np.dtype[np.int64]], due: Sequence[int]
) -> dict[int, int]:
    """Return the first of ``found`` that belongs to each time in ``due``."""
    first: dict[int, int] = {}
    for at in due:
        near = found[(found >= at + EARLIEST) & (found < at + LATEST)]
        if len(near):
            first[at] = int(near[0])
    return first

"""Noticing that something covers a face: the light at its points no longer looks like it did."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from realtime.face import mesh
from realtime.types import Floats, Pixels

LEARN_S = 2.0
"""How long a new look takes to become the usual one."""

STRIDE = 2
"""Every second point is enough to know a face by."""


class Appearance:
    """Remembers the pattern of light at a face's points and compares each sighting with it.

    A hand in front of the mouth leaves the landmarks where a mouth would be; only the pixels
    tell. The pattern is compared by quarters of the face, and about the mouth apart, each free of
    its own mean and contrast, so that a lamp or a turned head does not count. Speech leaves the
    mouth at .6 and above, a hand before it at .2 and below (17 people).
    """

    def __init__(self) -> None:
        self._usual: Floats | None = None
        self._at = 0

    def __call__(self, rgb: Pixels, points: Floats, now: int) -> float:
        """Return how much the least familiar part looks like itself: 1 the same, 0 not."""
        seen = _sample(rgb, points)
        if self._usual is None:
            self._usual, self._at = seen, now
            return 1.0
        alike = min(_alike(seen[q], self._usual[q]) for q in _parts())
        dt = min(0.2, max(0.0, (now - self._at) / 1e9))
        self._at = now
        # What does not look like this face is learned slowly: a hand must not become the usual.
        pace = dt / LEARN_S * (1.0 if alike > FAMILIAR else 0.1)
        self._usual = (self._usual + pace * (seen - self._usual)).astype(np.float32)
        return float(np.clip(alike, 0.0, 1.0))


FAMILIAR = 0.6


def _sample(rgb: Pixels, points: Floats) -> Floats:
    height, width = rgb.shape[:2]
    x = np.clip(points[::STRIDE, 0], 0, width - 1).astype(np.intp)
    y = np.clip(points[::STRIDE, 1], 0, height - 1).astype(np.intp)
    return rgb[y, x, 1].astype(np.float32)


def _alike(a: Floats, b: Floats) -> float:
    a, b = a - a.mean(), b - b.mean()
    # A flat patch has no pattern to compare; a little noise in the norm makes it count as alike.
    power = float(np.sqrt((a @ a) * (b @ b))) + len(a) * 16.0
    return (float(a @ b) + len(a) * 16.0) / power


@cache
def _parts() -> tuple[NDArray[np.intp], ...]:
    """Return the sampled points of each quarter, and of the mouth with what surrounds it."""
    x, y = mesh.canonical()[::STRIDE, 0], mesh.canonical()[::STRIDE, 1]
    mouth = (y > 0.78) & (y < 1.75) & (np.abs(x) < 0.75)
    quarters = tuple(
        np.flatnonzero(half & side)
        for half in (y < 0.35, y >= 0.35)
        for side in (x <= 0.05, x >= -0.05)
    )
    return (*quarters, np.flatnonzero(mouth))

"""Noticing that something covers a face: the light at its points no longer looks like it did."""

from __future__ import annotations

from functools import cache

import numpy as np

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

    def __call__(self, light: Pixels, points: Floats, now: int) -> float:
        """Return how much the least familiar part looks like itself: 1 the same, 0 not.

        ``light`` is [H, W], ``points`` are landmarks [478, 3] in its pixels.
        """
        seen = _sample(light, points)
        if self._usual is None:
            self._usual, self._at = seen, now
            return 1.0
        alike = float(_alike(seen, self._usual).min())
        dt = min(0.2, max(0.0, (now - self._at) / 1e9))
        self._at = now
        # What does not look like this face is learned slowly: a hand must not become the usual.
        pace = dt / LEARN_S * (1.0 if alike > FAMILIAR else 0.1)
        self._usual = (self._usual + pace * (seen - self._usual)).astype(np.float32)
        return min(1.0, max(0.0, alike))


FAMILIAR = 0.6

NOISE = 16.0
"""Variance of the light that a camera's noise may have."""


def _sample(light: Pixels, points: Floats) -> Floats:
    height, width = light.shape
    places = points[::STRIDE, :2].astype(np.intp)
    np.maximum(places, 0, out=places)
    np.minimum(places, (width - 1, height - 1), out=places)
    return light[places[:, 1], places[:, 0]].astype(np.float32)


def _alike(a: Floats, b: Floats) -> Floats:
    """Return for each part how far the patterns of ``a`` and ``b`` agree, 1 at most."""
    parts = _parts()
    counts = parts.sum(axis=1)
    a, b = a - a.mean(), b - b.mean()
    mean_a, mean_b, both, own_a, own_b = (
        parts @ np.stack([a, b, a * b, a * a, b * b], axis=1) / counts[:, None]
    ).T
    both, own_a, own_b = both - mean_a * mean_b, own_a - mean_a**2, own_b - mean_b**2
    # A flat patch has no pattern to compare; a little noise in the norm makes it count as alike.
    return (both + NOISE) / (np.sqrt(np.maximum(own_a * own_b, 0.0)) + NOISE)


@cache
def _parts() -> Floats:
    """Return [5, points sampled], 1 where one lies in a quarter, or in the mouth or around it."""
    x, y = mesh.canonical()[::STRIDE, 0], mesh.canonical()[::STRIDE, 1]
    mouth = (y > 0.78) & (y < 1.75) & (np.abs(x) < 0.75)
    quarters = [half & side for half in (y < 0.35, y >= 0.35) for side in (x <= 0.05, x >= -0.05)]
    return np.stack([*quarters, mouth]).astype(np.float32)

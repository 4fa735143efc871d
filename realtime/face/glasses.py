"""Noticing glasses: their bridge crosses the smooth skin between the eyes."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np

from realtime.types import Floats, Pixels

BRIDGE = (8, 168, 6, 197, 195)
"""Mesh points down the middle of the nose, from between the brows to half its length."""

SAMPLES, ACROSS = 40, 7

SURE, NONE = 0.05, 0.025
"""Sharpest bend in the light along the bridge, relative to its mean: glasses make .08 to .3, bare
skin .005 to .02 (28 people)."""

LEARN = 0.35
"""Share of each sighting in what is believed."""

EVERY = 4
"""One sighting in so many is enough: nobody puts glasses on between two pictures."""


class Glasses:
    """Believes in glasses or not, slowly."""

    def __init__(self) -> None:
        self._bend: float | None = None
        self._seen = 0

    def __call__(self, light: Pixels, points: Floats, black: int = 0) -> float:
        """Return 0 (none) to 1 (glasses).

        Args:
            light: [H, W] of a picture.
            points: landmarks [478, 3] in its pixels.
            black: what black is in ``light``.
        """
        if self._seen % EVERY == 0:
            bend = bend_of_light(light, points, black)
            self._bend = bend if self._bend is None else self._bend + LEARN * (bend - self._bend)
        self._seen += 1
        believed = ((self._bend or 0.0) - NONE) / (SURE - NONE)
        return min(1.0, max(0.0, believed))


def bend_of_light(light: Pixels, points: Floats, black: int = 0) -> float:
    """Return the largest second difference of the light along the bridge, over its mean."""
    across = points[263, :2] - points[33, :2]
    path = points[_BRIDGE, :2]
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    along = np.linspace(0.0, float(lengths[-1]), SAMPLES)
    line = np.stack([np.interp(along, lengths, path[:, k]) for k in (0, 1)], axis=1)
    where = (line[:, None] + _SIDEWAYS * across).astype(np.float32)
    part, corner = _around(light, where)
    where -= corner
    samples = cast("Pixels", cv2.remap(part, where[..., 0], where[..., 1], cv2.INTER_LINEAR))
    profile = samples.mean(axis=1, dtype=np.float32) - black
    return float(np.abs(np.diff(profile, n=2)).max() / max(float(profile.mean()), 8.0))


def _around(light: Pixels, where: Floats) -> tuple[Pixels, Floats]:
    """Return the part of ``light`` that the places [..., 2] lie in, and its first column and row.

    What lies outside of the picture stays outside of the part.
    """
    size = np.array(light.shape[::-1])
    low = np.clip(np.floor(where.min(axis=(0, 1))), 0, size - 1).astype(int)
    high = np.clip(np.ceil(where.max(axis=(0, 1))) + 2, low + 1, size).astype(int)
    part = light[low[1] : high[1], low[0] : high[0]]
    return np.ascontiguousarray(part), low.astype(np.float32)


_BRIDGE = np.array(BRIDGE)
_SIDEWAYS = np.linspace(-0.05, 0.05, ACROSS)[None, :, None]

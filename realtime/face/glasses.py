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

LEARN = 0.1
"""Share of each sighting in what is believed."""


class Glasses:
    """Believes in glasses or not, slowly."""

    def __init__(self) -> None:
        self._bend: float | None = None

    def __call__(self, rgb: Pixels, points: Floats) -> float:
        """Return 0 (none) to 1 (glasses) for [H, W, 3] and landmarks [478, 3] in pixels."""
        bend = bend_of_light(rgb, points)
        self._bend = bend if self._bend is None else self._bend + LEARN * (bend - self._bend)
        return float(np.clip((self._bend - NONE) / (SURE - NONE), 0.0, 1.0))


def bend_of_light(rgb: Pixels, points: Floats) -> float:
    """Return the largest second difference of the light along the bridge, over its mean."""
    across = points[263, :2] - points[33, :2]
    path = points[list(BRIDGE), :2]
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    along = np.linspace(0.0, float(lengths[-1]), SAMPLES)
    line = np.stack([np.interp(along, lengths, path[:, k]) for k in (0, 1)], axis=1)
    where = line[:, None] + np.linspace(-0.05, 0.05, ACROSS)[None, :, None] * across
    where = where.astype(np.float32)
    light = cast("Floats", cv2.remap(rgb, where[..., 0], where[..., 1], cv2.INTER_LINEAR)).astype(
        np.float32
    )
    profile = light.mean(axis=(1, 2))
    return float(np.abs(np.diff(profile, n=2)).max() / max(float(profile.mean()), 8.0))

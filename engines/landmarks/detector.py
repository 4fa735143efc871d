"""From the detector's raw outputs to faces: anchors, scores, and one face for many boxes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from engines.landmarks.region import Floats, Region, around_detection

SIZE = 128

LAYERS = ((8, 2), (16, 6))
"""Pixels between the anchors of a layer, and how many boxes each anchor has."""

LEAST_SCORE = 0.5

SAME_FACE = 0.3
"""Boxes that share more than this (intersection over union) are one face."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A face as the detector sees it.

    Attributes:
        region: the square around it, in the picture.
        score: how sure the detector is, 0 to 1.
    """

    region: Region
    score: float


@cache
def anchors() -> Floats:
    """Return [896, 2]: the middle of each box that may be found, in the crop's pixels."""
    layers: list[NDArray[np.float64]] = []
    for step, count in LAYERS:
        along = (np.arange(SIZE // step) + 0.5) * step
        x, y = np.meshgrid(along, along)
        layers.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), count, axis=0))
    return np.concatenate(layers).astype(np.float32)


def decode(boxes: Floats, scores: Floats, seen: Region) -> list[Detection]:
    """Return the faces, surest first.

    Args:
        boxes: [896, 16]: middle and size of a box, then six key points, from the anchor.
        scores: [896], 0 to 1.
        seen: what the crop showed.
    """
    sure = np.flatnonzero(scores >= LEAST_SCORE)
    if not len(sure):
        return []
    order = sure[np.argsort(-scores[sure], kind="stable")]
    numbers, weights = boxes[order].astype(np.float32), scores[order]
    middle = numbers[:, :2] + anchors()[order]
    points = numbers[:, 4:].reshape(-1, 6, 2) + anchors()[order][:, None]
    corners = np.stack([middle - numbers[:, 2:4] / 2, middle + numbers[:, 2:4] / 2], axis=1)
    shapes = np.concatenate([corners, points], axis=1)  # [n, 8, 2]
    matrix = seen.matrix(SIZE)
    return [
        Detection(_region(shape @ matrix[:, :2].T + matrix[:, 2]), score)
        for shape, score in _merge(shapes, weights)
    ]


def _region(shape: NDArray[np.float64]) -> Region:
    return around_detection(shape[:2].reshape(-1).astype(np.float32), shape[2:4].astype(np.float32))


def _merge(shapes: Floats, weights: Floats) -> list[tuple[Floats, float]]:
    """Take the surest box and the mean of all that it shares much with, until none is left."""
    faces: list[tuple[Floats, float]] = []
    while len(shapes):
        same = _shared(shapes[0], shapes) > SAME_FACE
        same[0] = True
        share = (weights[same] / weights[same].sum())[:, None, None]
        faces.append(((share * shapes[same]).sum(axis=0), float(weights[0])))
        shapes, weights = shapes[~same], weights[~same]
    return faces


def _shared(one: Floats, all_: Floats) -> Floats:
    low = np.maximum(one[0], all_[:, 0])
    high = np.minimum(one[1], all_[:, 1])
    both, areas, area = _area(high - low), _area(all_[:, 1] - all_[:, 0]), _area(one[1] - one[0])
    return both / (areas + area - both + np.float32(1e-9))


def _area(sides: Floats) -> Floats:
    held: Any = np.maximum(sides, 0)
    return cast("Floats", held[..., 0] * held[..., 1])

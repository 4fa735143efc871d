"""What a person would point at in a face, measured on the landmarks of a finished picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from realtime.types import Floats, Pixels
from tests import portrait

_LIDS = ((159, 145), (158, 153), (160, 144), (386, 374), (385, 380), (387, 373))
_LIPS = ((13, 14), (82, 87), (312, 317))
_RIGHT_IRIS, _LEFT_IRIS = (470, 472, 469, 471), (475, 477, 474, 476)  # top, bottom, and the sides


@dataclass(frozen=True, slots=True)
class Features:
    """Heights and widths in eye distances, heights upwards from between the eyes.

    Attributes:
        corners: height of the corners of the mouth; (subject's right, left).
        mouth: its width.
        inner_brows: mean height of the brows' inner half.
        outer_brows: of their outer half.
        eyes: how far they are open.
        lips: the gap between them.
        upper_lip: height of its edge.
        wings: height of the nostrils' wings.
        iris: height over width, mean of both.
    """

    corners: tuple[float, float]
    mouth: float
    inner_brows: float
    outer_brows: float
    eyes: float
    lips: float
    upper_lip: float
    wings: float
    iris: float

    @property
    def corners_mean(self) -> float:
        """Mean height of the corners of the mouth."""
        return sum(self.corners) / 2


def measure(rgb: Pixels) -> Features:
    """Find the face in a picture and measure it."""
    face = portrait.shape(rgb)
    x, up = face[:, 0], -face[:, 1]

    def height(*points: int) -> float:
        return float(up[list(points)].mean())

    return Features(
        corners=(height(61), height(291)),
        mouth=float(x[291] - x[61]),
        inner_brows=height(107, 55, 336, 285),
        outer_brows=height(105, 63, 334, 293),
        eyes=_gap(up, _LIDS),
        lips=_gap(up, _LIPS),
        upper_lip=height(0, 37, 267),
        wings=height(48, 64, 278, 294),
        iris=float(np.mean([_roundness(face, *eye) for eye in (_RIGHT_IRIS, _LEFT_IRIS)])),
    )


def _gap(up: Floats, pairs: tuple[tuple[int, int], ...]) -> float:
    return float(np.mean([up[upper] - up[lower] for upper, lower in pairs]))


def _roundness(face: Floats, top: int, bottom: int, one: int, other: int) -> float:
    tall = np.linalg.norm(face[top, :2] - face[bottom, :2])
    wide = np.linalg.norm(face[one, :2] - face[other, :2])
    return float(tall / wide)

"""The part of a picture that a network looks at: a square, turned as the face is.

Positions are MediaPipe's: in pixels, the corner of the first pixel at 0. It reads the pixel at
(x, y) without the half pixel that this would ask for, and so is done here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MARGIN = 1.5
"""How much wider than the face the square is, so that the face is still inside a picture later."""

OUTER_EYES = (33, 263)
"""Mesh points at the outer corners of the eyes; the square is turned like their line."""


@dataclass(frozen=True, slots=True)
class Region:
    """A turned square.

    Attributes:
        x: its middle, pixels to the right.
        y: its middle, pixels down.
        side: its length, pixels.
        angle: how far it is turned clockwise, radians.
    """

    x: float
    y: float
    side: float
    angle: float

    def matrix(self, size: int) -> NDArray[np.float64]:
        """Return [2, 3], which takes a pixel of the crop, ``size`` wide, into the picture."""
        scale = self.side / size
        cos, sin = math.cos(self.angle) * scale, math.sin(self.angle) * scale
        half = size / 2
        return np.array(
            [[cos, -sin, self.x - half * (cos - sin)], [sin, cos, self.y - half * (sin + cos)]]
        )

    def is_sound(self) -> bool:
        """Tell whether there is anything to be seen in it."""
        return all(map(math.isfinite, (self.x, self.y, self.side, self.angle))) and self.side >= 1


def around_detection(box: Floats, eyes: Floats) -> Region:
    """Return the square around a detected face.

    Args:
        box: left, top, right, bottom in pixels.
        eyes: [2, 2], the right and the left eye in pixels.
    """
    left, top, right, bottom = (float(edge) for edge in box)
    side = MARGIN * max(right - left, bottom - top)
    return Region((left + right) / 2, (top + bottom) / 2, side, _angle(eyes[0], eyes[1]))


def around_points(points: Floats) -> Region:
    """Return the square around landmarks, [n, 2] or more, in pixels."""
    along = np.ascontiguousarray(points[:, :2].T)  # three times as quick as point by point
    (left, top), (right, bottom) = along.min(axis=1).tolist(), along.max(axis=1).tolist()
    side = MARGIN * max(right - left, bottom - top)
    angle = _angle(points[OUTER_EYES[0]], points[OUTER_EYES[1]])
    return Region((left + right) / 2, (top + bottom) / 2, side, angle)


def whole(width: int, height: int) -> Region:
    """Return the square around a whole picture; what it has more than the picture is empty."""
    return Region(width / 2, height / 2, float(max(width, height)), 0.0)


def overlap(a: Region, b: Region) -> float:
    """Return the two squares' intersection over their union, as if neither were turned."""
    reach = (a.side + b.side) / 2
    width = min(a.side, b.side, reach - abs(a.x - b.x))
    height = min(a.side, b.side, reach - abs(a.y - b.y))
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (a.side**2 + b.side**2 - shared)


def _angle(start: Floats, end: Floats) -> float:
    return math.atan2(float(end[1] - start[1]), float(end[0] - start[0]))

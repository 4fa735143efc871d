"""The mesh that stands for a face: MediaPipe's 478 points, and a ring that never moves."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from realtime.types import Floats

POINTS = 478

OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
"""The outline, clockwise from the top of the forehead."""

_OVAL = np.array(OVAL)

RIGHT_EYE = (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7)
LEFT_EYE = (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249)
IRISES = (468, 469, 470, 471, 472, 473, 474, 475, 476, 477)

INNER_LIPS = (
    (13, 14), (82, 87), (81, 178), (80, 88), (191, 95), (312, 317), (311, 402), (310, 318),
    (415, 324),
)  # fmt: skip
"""Points of the upper inner lip, each with the one that it meets when the mouth closes."""

LIDS_RIGHT = ((159, 145), (158, 153), (160, 144), (157, 154), (161, 163))
LIDS_LEFT = ((386, 374), (385, 380), (387, 373), (384, 381), (388, 390))

RIGID = (
    10, 338, 109, 67, 297, 9, 8, 168, 6, 197, 195, 5, 4, 1, 33, 133, 362, 263, 127, 356, 234,
    454, 93, 323, 54, 284, 103, 332, 21, 251, 162, 389,
)  # fmt: skip
"""Points that follow the skull rather than the expression; the head's pose is read off them."""

RING = 1.22
"""The outer ring, as a multiple of the distance from the middle of the face to its outline."""

_DATA = np.load(str(files("realtime.face") / "mesh.npz"))

MIRROR: NDArray[np.int32] = _DATA["mirror"]
"""[478] the point that stands opposite each."""


@cache
def canonical() -> Floats:
    """Return [478, 3]: a mean face, frontal and at rest, symmetric; x right, y down, z away.

    The unit is the distance between the eyes' centres, the origin lies half-way between them.
    """
    return _DATA["canonical"]


@cache
def canonical_with_ring() -> Floats:
    """Return [514, 2]: ``canonical`` seen from the front, and the ring around it."""
    flat = canonical()[:, :2]
    return np.concatenate([flat, ring(flat)])


def upper(heights: Floats) -> Floats:
    """Return how far places at canonical ``heights`` belong to brows and eyes rather than cheeks
    and mouth, 0 to 1."""
    return np.interp(heights, (0.1, 0.4), (1.0, 0.0)).astype(np.float32)


def triangles() -> NDArray[np.int32]:
    """Return [T, 3]: triangles over the 478 points and the ring of 36."""
    return _DATA["triangles"]


def ring(points: Floats) -> Floats:
    """Return [36, 2]: the outline pushed away from the middle of the face."""
    outline = points[_OVAL, :2]
    middle = outline.sum(axis=0) / np.float32(len(OVAL))
    return middle + RING * (outline - middle)

"""A face's skin as if seen from the front, on the drawing that furrows are drawn on."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from kernels import cpu
from realtime.face import furrows, mesh
from realtime.types import Floats, Frame, Pixels

GRAIN, REACH = 1.1, (5, 5)
"""Softness in pixels of the drawing: finer are pores and noise, which no two pictures share."""

BROAD, COARSE = 30.0, 8
"""What is broader than this is a lamp and no fold; found on every eighth pixel each way."""

DARK = 6.0
"""Levels added to each, so that the noise of a dark pixel is no ratio."""

LIDS_SPARED = 0.75
"""How much less of skin is seen between brow and eye: a lowered lid is another piece of it."""

_LID = (46, 53, 52, 65, 55, 133, 173, 157, 158, 159, 160, 161, 246, 33)
_LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)


class Front:
    """Turns a picture and the landmarks in it into the skin's light. One owner, one thread."""

    def __init__(self) -> None:
        self._scratch = cpu.Scratch()
        self._on_drawing = furrows.on_drawing(mesh.canonical())
        triangles = mesh.triangles()
        self._triangles = triangles[(triangles < mesh.POINTS).all(axis=1)]

    def __call__(self, frame: Frame, points: Floats) -> Floats:
        """Return [rows, columns]: the logarithm of a frame's light at points [478, 3]."""
        places, part = _shrunk(frame.light, points[: mesh.POINTS, :2])
        where = self._scratch.take("where", (2, *furrows.SHAPE))
        cpu.rasterise(self._on_drawing, self._triangles, places, where)
        seen = np.empty(furrows.SHAPE, np.uint8)
        cv2.remap(part, where[0], where[1], cv2.INTER_LINEAR, seen, borderMode=cv2.BORDER_REPLICATE)
        look = np.take(_logarithms(frame.black), seen)
        cv2.GaussianBlur(look, REACH, GRAIN, look)
        return look


def without_lamp(off: Floats) -> Floats:
    """Return a difference of two looks [rows, columns] without what is too broad for a fold."""
    broad = np.empty_like(off)
    few = _coarsely(off * where_skin()) / _broadly_skin()
    cv2.resize(few, off.shape[::-1], broad, interpolation=cv2.INTER_LINEAR)
    return off - broad


@cache
def where_skin() -> Floats:
    """Return [rows, columns], 0 to 1: where a face is skin, and not eyes, lips or an edge."""
    skin = np.clip(2 * _filled(mesh.OVAL, 4.0) - 1, 0, 1)
    for side in (list(range(mesh.POINTS)), mesh.MIRROR.tolist()):
        skin *= 1 - np.clip(2 * _filled([side[p] for p in mesh.RIGHT_EYE], 2.5), 0, 1)
        skin *= 1 - LIDS_SPARED * np.clip(2 * _filled([side[p] for p in _LID], 2.5), 0, 1)
    skin *= 1 - np.clip(1.5 * _filled(_LIPS, 1.5), 0, 1)
    return skin.astype(np.float32)


@cache
def _broadly_skin() -> Floats:
    return np.maximum(_coarsely(where_skin()), 1e-2)


def _coarsely(drawn: Floats) -> Floats:
    """Return what is broad in a drawing, on every ``COARSE``-th pixel each way."""
    few = np.empty([side // COARSE for side in drawn.shape], np.float32)
    cv2.resize(drawn, few.shape[::-1], few, interpolation=cv2.INTER_AREA)
    cv2.GaussianBlur(few, (0, 0), BROAD / COARSE, few)
    return few


def _filled(outline: tuple[int, ...] | list[int], soft: float) -> Floats:
    """Return [rows, columns]: 1 within an outline of mesh points, with a soft edge."""
    places = furrows.on_drawing(mesh.canonical()[list(outline)])
    out = np.zeros(furrows.SHAPE, np.float32)
    cv2.fillPoly(out, [np.round(places * 16).astype(np.int32)], (1.0,), cv2.LINE_AA, 4)
    cv2.GaussianBlur(out, (0, 0), soft, out)
    return out


def _shrunk(light: Pixels, points: Floats) -> tuple[Floats, Pixels]:
    """Return the part of a picture with the points [N, 2], no finer than the drawing, and them."""
    height, width = light.shape
    left, top = (max(0, int(v) - 2) for v in points.min(axis=0).tolist())
    right, bottom = (int(v) + 3 for v in points.max(axis=0).tolist())
    left, top = max(0, min(left, width - 2)), max(0, min(top, height - 2))
    part = light[top : max(bottom, top + 2), left : max(right, left + 2)]
    points = points - np.array((left, top), np.float32)
    times = int(float(np.linalg.norm(points[33] - points[263])) * furrows.STEP + 0.4)
    if times < 2 or min(part.shape) < times:
        return points, part
    # By a whole number, which is quick.
    rows, columns = (size // times for size in part.shape)
    small = np.empty((rows, columns), np.uint8)
    whole = part[: rows * times, : columns * times]
    cv2.resize(whole, (columns, rows), small, interpolation=cv2.INTER_AREA)
    return (points + 0.5) / np.float32(times) - 0.5, small


@cache
def _logarithms(black: int) -> NDArray[np.float32]:
    """Return [256]: of each level."""
    return np.log(np.maximum(np.arange(256) - black, 0) + DARK).astype(np.float32)

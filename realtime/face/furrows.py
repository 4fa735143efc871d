"""Light and shade that a moving face shows: folds, furrows and lifted cheeks.

Each layer is a soft drawing on the canonical face seen from the front, in units of the distance
between the eyes: dark (negative) and light (positive) strokes along paths of mesh points. The
renderer hangs it on the moving mesh and multiplies the pixels by one plus the sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from realtime.face import mesh
from realtime.face.basis import ARKIT, INDEX
from realtime.types import Floats

LEFT, TOP, RIGHT, BOTTOM = -1.6, -1.4, 1.6, 2.4
STEP = 0.02
SHAPE = (round((BOTTOM - TOP) / STEP), round((RIGHT - LEFT) / STEP))


@dataclass(frozen=True, slots=True)
class Stroke:
    """A soft line through mesh points of the subject's right side, and its mirror image.

    Attributes:
        path: mesh points that it runs through; one point makes a round spot.
        width: distance at which it has faded to 1/e, in eye distances.
        gain: what it adds to the light at its middle.
        offset: (outwards, up) by which the whole path is moved off its points.
    """

    path: tuple[int, ...]
    width: float
    gain: float
    offset: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Furrow:
    """One layer: its strokes, and the coefficients that deepen it."""

    name: str
    strokes: tuple[Stroke, ...]
    drivers: tuple[tuple[str, float], ...]


FURROWS = (
    Furrow(
        "nasolabial fold",
        (
            Stroke((129, 203, 206, 216), 0.045, -0.34, (0.015, 0.0)),
            Stroke((203, 206, 216), 0.090, 0.10, (0.120, 0.03)),
        ),
        (("mouthSmile", 1.0), ("noseSneer", 0.6), ("mouthUpperUp", 0.6)),
    ),
    Furrow(
        "cheek",
        (
            Stroke((50, 101), 0.150, 0.12, (0.0, 0.03)),
            Stroke((228, 229, 230, 231), 0.035, -0.16, (0.0, -0.03)),
            Stroke((212, 57), 0.050, -0.14, (0.03, 0.0)),
        ),
        (("cheekSquint", 1.0),),
    ),
    Furrow(
        "crow's feet",
        (
            Stroke((130, 156), 0.022, -0.14, (0.03, 0.0)),
            Stroke((130, 143), 0.022, -0.14, (0.04, 0.0)),
            Stroke((226, 35), 0.022, -0.12, (0.04, -0.03)),
        ),
        (("cheekSquint", 0.8), ("eyeSquint", 0.3)),
    ),
    Furrow(
        "frown lines",
        (
            Stroke((55, 107, 108), 0.035, -0.34, (-0.105, 0.0)),
            Stroke((8, 9), 0.060, 0.10),
            Stroke((55, 65, 52), 0.070, -0.16, (0.0, -0.05)),
        ),
        (("browDown", 1.0),),
    ),
    Furrow(
        "hooded eyes",
        (Stroke((56, 28, 27, 29, 30), 0.060, -0.30, (0.0, 0.02)),),
        (("browDown", 1.0),),
    ),
    Furrow(
        "forehead lines",
        (
            Stroke((151, 108, 69, 104), 0.026, -0.20, (0.0, 0.02)),
            Stroke((151, 108, 69, 104), 0.026, -0.17, (0.0, 0.15)),
            Stroke((151, 108, 69, 104), 0.045, 0.09, (0.0, 0.085)),
        ),
        (("browInnerUp", 0.6), ("browOuterUp", 0.5)),
    ),
    Furrow(
        "nose wrinkles",
        (
            Stroke((193, 122, 188), 0.030, -0.26, (0.02, 0.0)),
            Stroke((168, 193), 0.024, -0.24, (0.0, -0.01)),
            Stroke((6, 122), 0.024, -0.20, (0.0, 0.0)),
        ),
        (("noseSneer", 1.0),),
    ),
    Furrow(
        "mouth corners down",
        (
            Stroke((57, 43, 204), 0.045, -0.30, (0.03, -0.02)),
            Stroke((18, 83), 0.045, -0.16, (0.0, -0.02)),
        ),
        (("mouthFrown", 1.0), ("mouthShrugLower", 0.4)),
    ),
    Furrow(
        "chin",
        (
            Stroke((18, 83, 182), 0.040, -0.24, (0.0, -0.01)),
            Stroke((200,), 0.100, 0.10),
        ),
        (("mouthShrugLower", 1.0),),
    ),
    Furrow(
        "sorrowful brow",
        (
            Stroke((221, 222), 0.060, -0.20, (0.0, 0.0)),
            Stroke((107, 108), 0.030, -0.20, (-0.10, 0.0)),
        ),
        (("browInnerUp", 0.5),),
    ),
)

_KEPT_CLEAR: tuple[tuple[tuple[int, ...], float], ...] = (
    (mesh.RIGHT_EYE, 0.05),
    ((78, 191, 80, 81, 82, 13, 14, 87, 178, 88, 95), 0.04),
)
"""Eyes and the inside of the mouth take no shade."""


@cache
def layers() -> Floats:
    """Return [K, rows, columns]: the drawings, sampled every ``STEP``."""
    drawn = [np.sum([_draw(s) for s in f.strokes], axis=0) for f in FURROWS]
    clear = np.ones(SHAPE)
    for path, width in _KEPT_CLEAR:
        clear *= 1 - np.clip(_draw(Stroke((*path, path[0]), width, 1.0)), 0, 1)
    return (np.stack(drawn) * clear).astype(np.float32)


@cache
def driving() -> Floats:
    """Return [K, 52]: how far each coefficient deepens each layer."""
    out = np.zeros((len(FURROWS), len(ARKIT)), np.float32)
    for k, furrow in enumerate(FURROWS):
        for name, share in furrow.drivers:
            if name in INDEX:
                out[k, INDEX[name]] = share
            else:
                out[k, [INDEX[name + "Left"], INDEX[name + "Right"]]] = share / 2
    return out


def _draw(stroke: Stroke) -> Floats:
    points = mesh.canonical()[list(stroke.path), :2].astype(np.float64)
    points = points + np.array([-stroke.offset[0], -stroke.offset[1]])
    rows, columns = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]]
    here = np.stack([LEFT + (columns + 0.5) * STEP, TOP + (rows + 0.5) * STEP], axis=-1)
    nearest = np.full(SHAPE, np.inf)
    for side in (points, points * [-1, 1]):
        for a, b in zip(side[:-1], side[1:], strict=True):
            along = np.clip(((here - a) @ (b - a)) / ((b - a) @ (b - a) + 1e-12), 0, 1)
            nearest = np.minimum(nearest, np.linalg.norm(here - a - along[..., None] * (b - a), axis=-1))
        if len(side) == 1:
            nearest = np.minimum(nearest, np.linalg.norm(here - side[0], axis=-1))
    return (stroke.gain * np.exp(-((nearest / stroke.width) ** 2))).astype(np.float32)

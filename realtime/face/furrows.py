"""Light and shade that a moving face shows: folds, furrows and lifted cheeks.

Each layer is a soft drawing on the canonical face seen from the front, in units of the distance
between the eyes: dark (negative) and light (positive) strokes along paths of mesh points. The
renderer hangs it on the moving mesh and multiplies the pixels by one plus the sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from realtime.face import mesh
from realtime.face.basis import ARKIT, both
from realtime.types import Floats

LEFT, TOP, RIGHT, BOTTOM = -1.6, -1.4, 1.6, 2.4
STEP = 0.02
SMOOTHING = 0.25
FADED = 4.0
"""Widths from its path beyond which a stroke is as good as nothing, 1e-7."""

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
    """One layer: its strokes, and the coefficients that deepen it.

    ``region`` (brows, eyes or mouth) is the part of the edit whose strength it follows.
    """

    name: str
    region: str
    strokes: tuple[Stroke, ...]
    drivers: tuple[tuple[str, float], ...]


FURROWS = (
    Furrow(
        "nasolabial fold",
        "mouth",
        (
            Stroke((129, 203, 206, 216), 0.060, -0.17, (0.010, -0.01)),
            Stroke((203, 206, 216), 0.130, -0.06, (0.0, 0.0)),
            Stroke((203, 206, 216), 0.090, 0.09, (0.130, 0.05)),
        ),
        (("mouthSmile", 1.0), ("noseSneer", 0.7), ("mouthUpperUp", 0.7)),
    ),
    Furrow(
        "cheek",
        "mouth",
        (
            Stroke((50, 101), 0.160, 0.10, (0.0, 0.04)),
            Stroke((228, 229, 230, 231), 0.045, -0.13, (0.0, -0.04)),
            Stroke((57, 212), 0.060, -0.10, (0.03, 0.0)),
        ),
        (("cheekSquint", 1.0),),
    ),
    Furrow(
        "crow's feet",
        "eyes",
        (Stroke((130, 143), 0.090, -0.07, (0.05, 0.0)),),
        (("cheekSquint", 0.8), ("eyeSquint", 0.3)),
    ),
    Furrow(
        "frown lines",
        "brows",
        (
            Stroke((193, 55, 107), 0.055, -0.20, (-0.085, 0.03)),
            Stroke((8, 9), 0.080, 0.04, (0.0, 0.05)),
            Stroke((8, 9), 0.200, -0.07),
            Stroke((55, 65, 52, 53), 0.070, -0.16, (0.0, -0.05)),
        ),
        (("browDown", 1.0),),
    ),
    Furrow(
        "hooded eyes",
        "eyes",
        (Stroke((56, 28, 27, 29, 30), 0.070, -0.24, (0.0, 0.02)),),
        (("browDown", 1.0),),
    ),
    Furrow(
        "forehead lines",
        "brows",
        (
            Stroke((299, 337, 151, 108, 69), 0.050, -0.085, (0.0, 0.06)),
            Stroke((333, 299, 337, 151, 108, 69, 104), 0.050, -0.075, (0.0, 0.20)),
            Stroke((299, 337, 151, 108, 69), 0.055, 0.06, (0.0, 0.13)),
        ),
        (("browInnerUp", 0.6), ("browOuterUp", 0.5)),
    ),
    Furrow(
        "nose wrinkles",
        "mouth",
        (
            Stroke((193, 122, 188), 0.050, -0.15, (0.02, 0.0)),
            Stroke((168,), 0.090, -0.14, (0.0, -0.01)),
            Stroke((122, 196), 0.045, -0.10, (0.0, 0.0)),
        ),
        (("noseSneer", 1.0),),
    ),
    Furrow(
        "mouth corners down",
        "mouth",
        (
            Stroke((57, 43, 204), 0.065, -0.16, (0.03, -0.02)),
            Stroke((18, 83), 0.060, -0.11, (0.0, -0.03)),
        ),
        (("mouthFrown", 1.0), ("mouthShrugLower", 0.4)),
    ),
    Furrow(
        "chin",
        "mouth",
        (
            Stroke((182, 83, 18, 313, 406), 0.055, -0.14, (0.0, -0.02)),
            Stroke((200,), 0.110, 0.08),
        ),
        (("mouthShrugLower", 1.0),),
    ),
    Furrow(
        "sorrowful brow",
        "brows",
        (
            Stroke((193, 221, 222), 0.080, -0.11, (0.0, 0.01)),
            Stroke((107, 108), 0.055, -0.09, (-0.09, 0.0)),
        ),
        (("browInnerUp", 0.5),),
    ),
)

ORDER = tuple(furrow.name for furrow in FURROWS)

CRISP = (
    Stroke((151, 108, 69, 104), 0.22, 1.0, (0.0, 0.05)),
    Stroke((8, 9), 0.16, 1.0),
    Stroke((129, 203, 206, 216, 212), 0.13, 1.0, (0.03, 0.0)),
    Stroke((130, 143), 0.12, 1.0, (0.08, 0.0)),
    Stroke((57, 43, 204, 18), 0.13, 1.0),
)
"""Where a person's own lines deepen with the furrows."""

_KEPT_CLEAR: tuple[tuple[tuple[int, ...], float], ...] = (
    (mesh.RIGHT_EYE, 0.05),
    ((78, 191, 80, 81, 82, 13, 14, 87, 178, 88, 95), 0.04),
)
"""Eyes and the inside of the mouth take no shade."""


def on_drawing(points: Floats) -> Floats:
    """Return where canonical points [N, 2 or 3] lie on the drawings: [N, 2], columns and rows."""
    return (points[:, :2] - np.array((LEFT, TOP), np.float32)) / STEP - 0.5


@cache
def layers() -> Floats:
    """Return [K, rows, columns]: the drawings, sampled every ``STEP``."""
    drawn = [np.sum([_draw(s) for s in f.strokes], axis=0) for f in FURROWS]
    clear = np.ones(SHAPE)
    for path, width in _KEPT_CLEAR:
        clear *= 1 - np.clip(_draw(Stroke((*path, path[0]), width, 1.0)), 0, 1)
    return (np.stack(drawn) * clear).astype(np.float32)


def driven(delta: Floats) -> Floats:
    """Return [K]: how deep the furrows get when the coefficients change by ``delta`` [52].

    A movement that is taken back smooths its furrow a little: the fold is in the pixels, and to
    paint it over with light would glow.
    """
    return driving() @ np.where(delta > 0, delta, SMOOTHING * delta)


@cache
def driving() -> Floats:
    """Return [K, 52]: how far each coefficient deepens each layer."""
    out = np.zeros((len(FURROWS), len(ARKIT)), np.float32)
    for k, furrow in enumerate(FURROWS):
        for name, share in furrow.drivers:
            where = both(name)
            out[k, where] = share / len(where)
    return out


@cache
def crisp() -> Floats:
    """Return [rows, columns], 0 to 1: where a person's own lines may deepen."""
    return np.clip(np.sum([_draw(s) for s in CRISP], axis=0), 0, 1).astype(np.float32)


def _draw(stroke: Stroke) -> Floats:
    """Draw a stroke and its mirror image; both fade towards their ends."""
    path = mesh.canonical()[list(stroke.path), :2].astype(np.float64)
    path = path - np.array(stroke.offset)
    out = np.zeros(SHAPE)
    for side in (path, path * np.array((-1.0, 1.0), np.float64)):
        box = _around(side, FADED * stroke.width)
        rows, columns = np.mgrid[box]
        here = np.stack([LEFT + (columns + 0.5) * STEP, TOP + (rows + 0.5) * STEP], axis=-1)
        distance, along = _nearest(here, side)
        taper = np.sqrt(np.sin(np.pi * (0.08 + 0.84 * along)))
        line = np.exp(-((distance / stroke.width) ** 2)) * taper
        out[box] = np.maximum(out[box], line)
    return (stroke.gain * out).astype(np.float32)


def _around(path: NDArray[np.float64], reach: float) -> tuple[slice, slice]:
    """Return the rows and columns of a drawing that lie within ``reach`` of the path's box."""
    low = np.floor((path.min(axis=0) - reach - (LEFT, TOP)) / STEP).astype(int)
    high = np.ceil((path.max(axis=0) + reach - (LEFT, TOP)) / STEP).astype(int)
    low, high = np.maximum(low, 0), np.maximum(high, 0)
    return slice(low[1], min(high[1], SHAPE[0])), slice(low[0], min(high[0], SHAPE[1]))


def _nearest(
    here: NDArray[np.float64], path: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each sample's distance to a polyline, and where along it (0 to 1) the nearest lies."""
    if len(path) == 1:
        distance = np.linalg.norm(here - path[0], axis=-1)
        return distance, np.full(distance.shape, 0.5)
    lengths = np.linalg.norm(np.diff(path, axis=0), axis=1)
    starts = np.concatenate([[0.0], np.cumsum(lengths)])
    best = np.full(here.shape[:2], np.inf)
    along = np.zeros(here.shape[:2])
    for a, b, start, length in zip(path[:-1], path[1:], starts[:-1], lengths, strict=True):
        t = np.clip(((here - a) @ (b - a)) / (length**2 + 1e-12), 0, 1)
        distance = np.linalg.norm(here - a - t[..., None] * (b - a), axis=-1)
        closer = distance < best
        best = np.where(closer, distance, best)
        along = np.where(closer, (start + t * length) / starts[-1], along)
    return best, along

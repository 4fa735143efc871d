"""A face that any machine has, and what it shows is known: a public-domain portrait, animated.

The portrait is Eileen Collins, photographed by NASA in 1993, as scikit-image carries it. The
product's own renderer moves its mesh, so that a test knows which coefficients it asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache

import cv2
import numpy as np

from realtime.clock import MS
from realtime.face import basis, furrows, mesh
from realtime.face.motion import Canvas, Motion
from realtime.face.pose import find_head
from realtime.face.renderer import Renderer
from realtime.face.tracker import Tracker
from realtime.picture import convert, from_rgb
from realtime.types import Floats, Frame, Landmarks, PixelFormat, Pixels

WIDTH, HEIGHT = 640, 480
FPS = 30
PERIOD = 1000 * MS // FPS

REST: Mapping[str, float] = {"mouthSmile": -1.0}
"""Takes most of the smile off the portrait, which laughs at the photographer."""

CLOSED = 0.0
"""Lips that touch."""

_LEFT, _TOP, _ENLARGED = 96, 16, 2.5
_UPPER = np.array([upper for upper, _ in mesh.INNER_LIPS])
_LOWER = np.array([lower for _, lower in mesh.INNER_LIPS])
_SEAM_UPPER = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308]
_SEAM_LOWER = [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308]


@cache
def photograph() -> Pixels:
    """Return [480, 640, 3]: head and shoulders, as photographed, with a smile."""
    from skimage import data

    whole = np.asarray(data.astronaut(), np.uint8)
    rows, columns = round(HEIGHT / _ENLARGED), round(WIDTH / _ENLARGED)
    part = whole[_TOP : _TOP + rows, _LEFT : _LEFT + columns]
    picture = np.asarray(cv2.resize(part, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)
    picture.flags.writeable = False
    return picture


@cache
def found() -> Landmarks:
    """Return the face in ``photograph``."""
    (face,) = look(photograph())
    return face


def look(rgb: Pixels) -> tuple[Landmarks, ...]:
    """Find the face in a picture, without a memory of other pictures."""
    return _tracker()(from_rgb(rgb))


def shape(rgb: Pixels) -> Floats:
    """Return [478, 3]: the face found in a picture of the portrait that has not been moved.

    As in ``mesh.canonical``, by the photographed head's pose: so a wide open mouth is not taken
    for a head that tips.
    """
    (face,) = look(rgb)
    return find_head(found().points, mesh.canonical()).to_canonical(face.points)


def act(shows: Mapping[str, float] = REST, *, lips: float = CLOSED) -> Pixels:
    """Return the portrait with coefficients added to what it shows.

    Args:
        shows: ARKit's names, without Left and Right where both sides do the same.
        lips: the gap between them, as a share of the photographed one; 0 closes them.
    """
    face = found()
    head = find_head(face.points, mesh.canonical())
    canonical = head.to_canonical(face.points)
    moves = np.tensordot(vector(shows), basis.displacements(), axes=1)
    moved = canonical + moves
    closing = (moved[_LOWER, 1] - moved[_UPPER, 1]) * (1 - lips) / 2
    moves[_UPPER, 1] += closing
    moves[_LOWER, 1] -= closing
    points = np.concatenate([face.points[:, :2], mesh.ring(face.points)])
    shift = np.zeros_like(points)
    shift[: mesh.POINTS] = head.to_image(moves)
    motion = Motion(points, shift, np.zeros(len(furrows.FURROWS), np.float32))
    picture = _renderer()(Canvas(from_rgb(photograph()), (motion,))).planes[0]
    return picture if lips > 0 else _closed(picture, (points + shift)[: mesh.POINTS])


def _closed(rgb: Pixels, points: Floats) -> Pixels:
    """Paint over what is left of the teeth when lips are warped together."""
    seam = (points[_SEAM_UPPER] + points[_SEAM_LOWER]) / 2
    out = rgb.astype(np.float32)
    for colour, width, blur in (((175, 110, 110), 6, 1.0), ((120, 60, 60), 2, 0.7)):
        line = np.zeros(rgb.shape[:2], np.float32)
        path = np.rint(seam * 8).astype(np.int32)
        cv2.polylines(line, [path], False, (1.0,), width, cv2.LINE_AA, 3)
        share = np.clip(1.3 * cv2.GaussianBlur(line, (0, 0), blur), 0, 1)[..., None]
        out += share * (np.array(colour, np.float32) - out)
    return np.rint(out).astype(np.uint8)


def vector(shows: Mapping[str, float]) -> Floats:
    """Return [52] for coefficients by name, without Left and Right where both do the same."""
    out = np.zeros(len(basis.ARKIT), np.float32)
    for name, value in shows.items():
        out[basis.both(name)] = value
    return out


def move(
    rgb: Pixels, *, right: float = 0.0, down: float = 0.0, scale: float = 1.0, roll: float = 0.0
) -> Pixels:
    """Return the picture shifted in pixels, scaled and turned (degrees) about its middle."""
    matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), roll, scale)
    matrix[:, 2] += (right, down)
    size = (rgb.shape[1], rgb.shape[0])
    moved = cv2.warpAffine(rgb, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


def noisy(rgb: Pixels, seed: int, sigma: float = 2.0) -> Pixels:
    """Return the picture as a camera sees it in a dim room."""
    noise = np.random.default_rng(seed).normal(0, sigma, rgb.shape)
    return np.clip(np.rint(rgb + noise), 0, 255).astype(np.uint8)


def frame(rgb: Pixels, seq: int = 0, layout: PixelFormat = "yuv420p") -> Frame:
    """Return the picture as the ``seq``-th of a camera that gives 30 a second."""
    stamped = from_rgb(rgb, captured=seq * PERIOD, pts=seq, time_base=Fraction(1, FPS), seq=seq)
    return convert(stamped, layout)


@cache
def _tracker() -> Tracker:
    return Tracker(still=True)


@cache
def _renderer() -> Renderer:
    return Renderer()


def rgb_of(shown: Frame) -> Pixels:
    """Return the pixels of a frame for ``look`` and ``shape``."""
    return convert(shown, "rgb24").planes[0]

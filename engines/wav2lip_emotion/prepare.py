"""From pictures and sound to a prepared clip; our own tracker finds the face."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from engines.landmarks.picture import Picture
from engines.landmarks.tracker import LandmarkTracker
from engines.wav2lip_emotion.faces import (
    KEPT,
    KEPT_SIDE,
    Floats,
    Pixels,
    Square,
    square_of,
    steadied,
)
from engines.wav2lip_emotion.store import About, Prepared, to_jpeg

POINTS = 478


@dataclass(frozen=True, slots=True)
class Followed:
    """Where the face is in each picture of a clip.

    Attributes:
        points: [478, 2] a picture, in its pixels; None where there is no face.
        squares: to be cut out, steady over time.
    """

    points: Sequence[Floats | None]
    squares: Sequence[Square | None]


def follow(pictures: Iterable[Pixels], tracker: LandmarkTracker) -> Followed:
    """Find the largest face in [H, W, 3] RGB pictures; the tracker begins anew."""
    tracker.reset()
    points: list[Floats | None] = []
    for rgb in pictures:
        faces = [seen.points[:, :2] for seen in tracker.step(Picture((rgb,)))]
        points.append(max(faces, key=lambda p: float(np.ptp(p, axis=0).max()), default=None))
    return Followed(points, steadied([None if p is None else square_of(p, KEPT) for p in points]))


def keep(pictures: Iterable[Pixels], followed: Followed, sound: Floats, about: About) -> Prepared:
    """Cut the squares out of a clip's pictures, or out of others of the same moments.

    Args:
        pictures: [H, W, 3] RGB, 25 a second.
        followed: where the face is.
        sound: [S] mono, 16000 a second.
        about: what the clip is of.
    """
    each = zip(pictures, followed.points, followed.squares, strict=True)
    kept = [_cut(rgb, points, square) for rgb, points, square in each]
    where = np.zeros((len(kept), POINTS, 2), np.float32)
    for row, (_, points) in zip(where, kept, strict=True):
        row[:] = points
    return Prepared(about, tuple(data for data, _ in kept), where, sound)


def _cut(rgb: Pixels, points: Floats | None, square: Square | None) -> tuple[bytes, Floats]:
    if points is None or square is None:
        return b"", np.zeros((POINTS, 2), np.float32)
    return to_jpeg(square.cut(rgb, KEPT_SIDE)), square.inside(points, KEPT_SIDE)

"""From pictures and sound to a prepared clip; our own tracker finds the face."""

from __future__ import annotations

from collections.abc import Iterable

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


def prepare(
    pictures: Iterable[Pixels], sound: Floats, tracker: LandmarkTracker, about: About
) -> Prepared:
    """Cut the face out of each picture.

    Args:
        pictures: [H, W, 3] RGB, 25 a second.
        sound: [S] mono, 16000 a second.
        tracker: begins anew.
        about: what the clip is of.
    """
    tracker.reset()
    frames: list[Pixels] = []
    found: list[Floats | None] = []
    for rgb in pictures:
        seen = tracker.step(Picture((rgb,)))
        frames.append(rgb)
        found.append(_largest([s.points[:, :2] for s in seen]))
    squares = steadied([None if p is None else square_of(p, KEPT) for p in found])
    kept = [_cut(*each) for each in zip(frames, found, squares, strict=True)]
    points = np.stack([points for _, points in kept]) if kept else np.zeros((0, POINTS, 2))
    return Prepared(about, tuple(data for data, _ in kept), points.astype(np.float32), sound)


def _cut(rgb: Pixels, points: Floats | None, square: Square | None) -> tuple[bytes, Floats]:
    if points is None or square is None:
        return b"", np.zeros((POINTS, 2), np.float32)
    return to_jpeg(square.cut(rgb, KEPT_SIDE)), square.inside(points, KEPT_SIDE)


def _largest(faces: list[Floats]) -> Floats | None:
    return max(faces, key=lambda p: float(np.ptp(p, axis=0).max()), default=None)

"""Landmarks without a picture, for tests of what measures them."""

from __future__ import annotations

import numpy as np

from realtime.face.mesh import canonical
from realtime.types import Floats

EYE = 100.0


def series(frames: int = 60, *, talk: float = 0.1, head: float = 0.0, noise: float = 0.0) -> Floats:
    """[T, 478, 3] a face whose lower lip moves; ``head`` turns, nods and nears it smoothly."""
    rest = canonical().astype(np.float64) * EYE + (320, 240, 0)
    points = np.repeat(rest[None], frames, 0)
    t = np.arange(frames)
    opening = talk * np.maximum(np.sin(2 * np.pi * t / 15), 0)  # closed half of the time
    eye = np.linalg.norm(rest[33, :2] - rest[263, :2])
    for upper, lower in ((13, 14), (82, 87), (312, 317)):
        points[:, lower, :2] = points[:, upper, :2]
        points[:, lower, 1] += opening * eye
    points += np.random.default_rng(0).normal(0, noise, points.shape)
    return moved(points, head).astype(np.float32)


def moved(points: np.ndarray[tuple[int, ...], np.dtype[np.float64]], head: float) -> Floats:
    """Sway, lean and near a series of faces, by up to ``head`` of what people do."""
    t = np.arange(len(points)) / 25
    angle = 0.3 * head * np.sin(2 * t)
    size = 1 + 0.2 * head * np.sin(1.3 * t)
    turn = size * np.exp(1j * angle)
    z = (points[..., 0] + 1j * points[..., 1] - 320 - 240j) * turn[:, None]
    z += 320 + 240j + 40 * head * np.sin(t)[:, None]
    return np.stack([z.real, z.imag, points[..., 2]], 2).astype(np.float32)

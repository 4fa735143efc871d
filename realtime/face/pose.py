"""Where the head is: the similarity transform between the canonical face and a found one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import cast

import numpy as np

from realtime.face import mesh
from realtime.types import Floats

_RIGID = np.array(mesh.RIGID)


@dataclass(frozen=True, slots=True)
class Head:
    """``image = scale * canonical @ rotation + origin``.

    Attributes:
        scale: pixels per eye distance.
        rotation: [3, 3], rows are the images of the canonical axes.
        origin: [3] where the canonical origin lies, in pixels.
    """

    scale: float
    rotation: Floats
    origin: Floats

    @property
    def yaw(self) -> float:
        """Turn to the side in degrees; 0 is frontal, positive towards the picture's right."""
        return _degrees(-self.rotation[2, 0])

    @property
    def pitch(self) -> float:
        """Nod in degrees; positive looks down."""
        return _degrees(-self.rotation[2, 1])

    def to_canonical(self, points: Floats) -> Floats:
        """Undo the pose; [N, 3] pixels to [N, 3] eye distances."""
        return (points - self.origin) @ self.rotation.T / self.scale

    def to_image(self, shifts: Floats) -> Floats:
        """Bring displacements [N, 3] into the picture as [N, 2] pixels."""
        return self.scale * (shifts @ self.rotation)[:, :2]


def _degrees(sine: float) -> float:
    return math.degrees(math.asin(min(1.0, max(-1.0, sine))))


def find_head(points: Floats, reference: Floats) -> Head:
    """Fit ``reference`` [478, 3] to ``points`` [478, 3] by the points that expression moves least.

    Least squares (Umeyama, 1991).
    """
    known = reference is mesh.canonical()
    a, source_mean, square = _canonical() if known else _centred(reference)
    target = points[_RIGID]
    target_mean = target.sum(axis=0) / np.float32(len(_RIGID))
    u, s, vt = cast("tuple[Floats, Floats, Floats]", np.linalg.svd(a.T @ (target - target_mean)))
    if _mirrors(u @ vt):
        u[:, 2], s[2] = -u[:, 2], -s[2]
    rotation = (u @ vt).astype(np.float32)
    scale = float(s.sum()) / square
    return Head(scale, rotation, target_mean - scale * source_mean @ rotation)


@cache
def _canonical() -> tuple[Floats, Floats, float]:
    return _centred(mesh.canonical())


def _centred(reference: Floats) -> tuple[Floats, Floats, float]:
    """Return the rigid points about their mean, the mean, and the sum of their squares."""
    source = reference[_RIGID]
    mean = source.mean(axis=0)
    return source - mean, mean, float(((source - mean) ** 2).sum())


def _mirrors(turn: Floats) -> bool:
    """Tell whether an orthogonal [3, 3] has a mirror in it: its determinant is then -1."""
    (a, b, c), (d, e, f), (g, h, i) = turn.tolist()
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g) < 0

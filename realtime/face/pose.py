"""Where the head is: the similarity transform between the canonical face and a found one."""

from __future__ import annotations

from dataclasses import dataclass
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
        return float(np.degrees(np.arcsin(np.clip(-self.rotation[2, 0], -1, 1))))

    @property
    def pitch(self) -> float:
        """Nod in degrees; positive looks down."""
        return float(np.degrees(np.arcsin(np.clip(-self.rotation[2, 1], -1, 1))))

    def to_canonical(self, points: Floats) -> Floats:
        """Undo the pose; [N, 3] pixels to [N, 3] eye distances."""
        return (points - self.origin) @ self.rotation.T / self.scale

    def to_image(self, shifts: Floats) -> Floats:
        """Bring displacements [N, 3] into the picture as [N, 2] pixels."""
        return self.scale * (shifts @ self.rotation)[:, :2]


def find_head(points: Floats, reference: Floats) -> Head:
    """Fit ``reference`` [478, 3] to ``points`` [478, 3] by the points that expression moves least.

    Least squares (Umeyama, 1991).
    """
    source, target = reference[_RIGID], points[_RIGID]
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    a, b = source - source_mean, target - target_mean
    u, s, vt = cast("tuple[Floats, Floats, Floats]", np.linalg.svd(a.T @ b))
    flip = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))], np.float32)
    rotation = ((u * flip) @ vt).astype(np.float32)
    scale = float((s * flip).sum() / (a**2).sum())
    return Head(scale, rotation, target_mean - scale * source_mean @ rotation)

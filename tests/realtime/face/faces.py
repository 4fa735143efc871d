"""Made-up faces: the mean face with known coefficients, held before a camera in a known pose."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from realtime.clock import MS
from realtime.face import basis, mesh
from realtime.face.pose import Head
from realtime.types import Floats, Landmarks
from tests.portrait import vector

PERIOD = 1000 * MS // 30

UPPER = np.array([upper for upper, _ in mesh.INNER_LIPS])
LOWER = np.array([lower for _, lower in mesh.INNER_LIPS])

RESTING: Mapping[str, float] = {"mouthSmile": -0.6}
"""Makes the mean face's mouth as wide as mouths are at rest: there is half a smile in the mean."""


def head(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0, unit: float = 100.0) -> Head:
    """A head in the middle of 640x480, ``unit`` pixels between the eyes; angles in degrees."""
    a, b, c = np.radians([yaw, pitch, roll])
    turn = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    nod = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    lean = np.array([[np.cos(c), np.sin(c), 0], [-np.sin(c), np.cos(c), 0], [0, 0, 1]])
    rotation = (turn @ nod @ lean).astype(np.float32)
    return Head(unit, rotation, np.array([320, 200, 0], np.float32))


def showing(shows: Mapping[str, float] | None = None, *, lips: float | None = None) -> Floats:
    """The canonical mesh with coefficients; ``lips`` is the gap between them, in eye distances."""
    points = mesh.canonical() + np.tensordot(vector(shows or {}), basis.displacements(), axes=1)
    if lips is not None:
        middle = (points[UPPER, 1] + points[LOWER, 1]) / 2
        points[UPPER, 1], points[LOWER, 1] = middle - lips / 2, middle + lips / 2
    return points.astype(np.float32)


def filmed(
    canonical: Floats, at: Head | None = None, *, seq: int = 0, score: float = 1.0, track: int = 0
) -> Landmarks:
    """What a camera at 30 a second sees of it."""
    at = at or head()
    points = at.scale * canonical @ at.rotation + at.origin
    return Landmarks(points.astype(np.float32), score, seq * PERIOD, track)

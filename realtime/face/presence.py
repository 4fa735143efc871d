"""How far an edit may show: fading out where a face is turned away, tiny, cut off or hidden."""

from __future__ import annotations

import numpy as np

from realtime.face.pose import Head
from realtime.types import Landmarks

FADE_S = 0.2


class Presence:
    """A value from 0 to 1 that follows what the picture allows, at most 1 in ``FADE_S``.

    A face that appears starts at 0 unless it is the first one seen, so that a file's first
    picture is edited like its second.
    """

    def __init__(self) -> None:
        self._value = 1.0
        self._at: int | None = None

    def __call__(self, head: Head, face: Landmarks, now: int) -> float:
        """Return the presence at ``now``."""
        goal = allowed(head, face)
        if self._at is None:
            self._at, self._value = now, goal
            return goal
        dt = (now - self._at) / 1e9
        self._at = now
        if dt > FADE_S:  # unseen for a while: come back gently
            self._value = 0.0
        step = min(max(dt, 0.0), 0.1) / FADE_S
        self._value += float(np.clip(goal - self._value, -step, step))
        return self._value


def allowed(head: Head, face: Landmarks) -> float:
    """Return how far this sighting alone can carry an edit."""
    turned = _fall(abs(head.yaw), 38.0, 55.0) * _fall(abs(head.pitch), 35.0, 50.0)
    tiny = _fall(-head.scale, -14.0, -9.0)
    return float(turned * tiny * _fall(-face.score, -0.52, -0.38))


def _fall(value: float, begin: float, end: float) -> float:
    t = np.clip((value - begin) / (end - begin), 0.0, 1.0)
    return float(1 - t * t * (3 - 2 * t))

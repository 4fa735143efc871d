"""How far an edit may show: fading out where a face is turned away, tiny, cut off or hidden."""

from __future__ import annotations

from realtime.face.pose import Head
from realtime.types import Landmarks

FADE_S = 0.2


class Presence:
    """A value from 0 to 1 that follows what the picture allows, at most 1 in ``FADE_S``.

    Args:
        start: where it begins, as a share of what the first sighting allows: 1 for a film's first
            picture, which is edited like its second; 0 for who comes into the picture later.
    """

    def __init__(self, start: float = 1.0) -> None:
        self._value = start
        self._at: int | None = None

    def __call__(self, head: Head, face: Landmarks, now: int) -> float:
        """Return the presence at ``now``."""
        return self._towards(allowed(head, face), now)

    def absent(self, now: int) -> None:
        """Note that a picture without this face has passed."""
        self._towards(0.0, now)

    def _towards(self, goal: float, now: int) -> float:
        if self._at is None:
            self._value *= goal
        else:
            step = max(0.0, (now - self._at) / 1e9) / FADE_S
            self._value += min(step, max(-step, goal - self._value))
        self._at = now
        return self._value


def allowed(head: Head, face: Landmarks) -> float:
    """Return how far this sighting alone can carry an edit."""
    turned = _fall(abs(head.yaw), 38.0, 55.0) * _fall(abs(head.pitch), 35.0, 50.0)
    tiny = _fall(-head.scale, -14.0, -9.0)
    return turned * tiny * _fall(-face.score, -0.52, -0.38)


def frontal(head: Head) -> float:
    """Return how far a face is seen from the front, where its light can be compared."""
    return _fall(abs(head.yaw), 12.0, 25.0) * _fall(abs(head.pitch), 15.0, 28.0)


def _fall(value: float, begin: float, end: float) -> float:
    t = min(1.0, max(0.0, (value - begin) / (end - begin)))
    return 1 - t * t * (3 - 2 * t)

"""Which face is which from picture to picture, and which of them is edited."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from realtime.face import mesh
from realtime.face.appearance import Appearance
from realtime.face.finder import Finder
from realtime.face.glasses import Glasses
from realtime.face.mediapipe_finder import MediapipeFinder
from realtime.types import Floats, Frame, Landmarks

SAME_FACE = 0.5
"""Two sightings closer than this share of their size are the same face."""

LARGER = 1.25
"""How much larger another face must be to become the one that is edited."""

FORGET_NS = 3_000_000_000
"""A face unseen for this long is a stranger when it returns."""


class Tracker:
    """Follows the largest face, or all of them, and gives each a number that stays.

    Args:
        faces: which faces to return.
        still: look anew in every picture instead of following; for photographs.
        finder: what finds them; MediaPipe's face mesh unless said otherwise.

    Raises:
        TrackerError: no landmark network could be started.
    """

    name = "landmarks"

    def __init__(
        self,
        faces: Literal["largest", "all"] = "largest",
        *,
        still: bool = False,
        finder: Finder | None = None,
    ) -> None:
        self._all = faces == "all"
        self._still = still
        self._find: Finder = MediapipeFinder(still=still) if finder is None else finder
        self._known: dict[int, tuple[tuple[float, float], int]] = {}
        self._looks: dict[int, tuple[Appearance, Glasses]] = {}
        self._next = 0
        self._chosen = -1

    def __call__(self, frame: Frame, /) -> tuple[Landmarks, ...]:
        """Return the faces, largest first."""
        if self._still:
            self._forget()
        found = self._find(frame)
        if len(found) > 1:
            found.sort(key=_size, reverse=True)
        tracks = self._follow(found, frame.captured)
        faces = [
            self._look(frame, points, track) for points, track in zip(found, tracks, strict=True)
        ]
        if self._all or not faces:
            return tuple(faces)
        return (self._choose(faces),)

    def reset(self) -> None:
        """Forget all faces."""
        self._forget()
        self._find.reset()

    def close(self) -> None:
        """Stop the networks; idempotent."""
        self._forget()
        self._find.close()

    def _forget(self) -> None:
        self._known.clear()
        self._looks.clear()
        self._chosen = -1

    def _choose(self, faces: list[Landmarks]) -> Landmarks:
        """Stay with the face that was edited until another is clearly larger."""
        largest = faces[0]
        if len(faces) == 1:
            self._chosen = largest.track
            return largest
        for face in faces:
            if face.track == self._chosen and LARGER * _size(face.points) > _size(largest.points):
                return face
        self._chosen = largest.track
        return largest

    def _look(self, frame: Frame, points: Floats, track: int) -> Landmarks:
        looks, glasses = self._looks.setdefault(track, (Appearance(), Glasses()))
        light, now = frame.light, frame.captured
        score = 1.0 if self._still else looks(light, points, now)
        return Landmarks(points, score, now, track, glasses(light, points, frame.black))

    def _follow(self, found: list[Floats], now: int) -> list[int]:
        """Give each face the number of the nearest one seen of late, or a new one."""
        self._known = {t: (m, at) for t, (m, at) in self._known.items() if now - at < FORGET_NS}
        free = dict(self._known)
        tracks: list[int] = []
        middles = [_middle(points) for points in found]
        for points, (x, y) in zip(found, middles, strict=True):
            near = [(math.hypot(x - u, y - v), track) for track, ((u, v), _) in free.items()]
            distance, track = min(near, default=(math.inf, -1))
            if distance > SAME_FACE * _size(points):
                track, self._next = self._next, self._next + 1
            free.pop(track, None)
            tracks.append(track)
        self._known |= {t: (middle, now) for t, middle in zip(tracks, middles, strict=True)}
        self._looks = {t: look for t, look in self._looks.items() if t in self._known}
        return tracks


def _size(face: Floats) -> float:
    outline = face[_OVAL, :2]
    wide, high = (outline.max(axis=0) - outline.min(axis=0)).tolist()
    return math.hypot(wide, high)


def _middle(face: Floats) -> tuple[float, float]:
    x, y, _ = (face.sum(axis=0) / len(face)).tolist()
    return x, y


_OVAL = np.array(mesh.OVAL)

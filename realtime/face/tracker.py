"""Finding faces and their 478 points in a picture, by MediaPipe's face mesh."""

from __future__ import annotations

import math
import os
from typing import Any, Literal

import cv2
import numpy as np

from realtime.face import mesh
from realtime.face.appearance import Appearance
from realtime.face.glasses import Glasses
from realtime.picture import to_rgb
from realtime.types import Floats, Frame, Landmarks, Pixels

MOST_FACES = 6

SAME_FACE = 0.5
"""Two sightings closer than this share of their size are the same face."""

LARGER = 1.25
"""How much larger another face must be to become the one that is edited."""

FORGET_NS = 3_000_000_000
"""A face unseen for this long is a stranger when it returns."""

SCOUT_NS = 1_000_000_000
"""How often the picture is searched for further faces; following one alone costs half."""

SMALLEST = 192
"""Shorter side below which a picture is enlarged first; the mesh is unsure about tiny faces."""


class TrackerError(Exception):
    """The landmark network could not be started; the message says what to install."""


class Tracker:
    """Follows the largest face, or all of them, and gives each a number that stays.

    Args:
        faces: which faces to return.
        still: look anew in every picture instead of following; for photographs.

    Raises:
        TrackerError: MediaPipe is not installed, or has no face mesh.
    """

    name = "landmarks"

    def __init__(
        self, faces: Literal["largest", "all"] = "largest", *, still: bool = False
    ) -> None:
        self._all = faces == "all"
        self._still = still
        self._scout: Any = _detector()
        self._alone: Any = _face_mesh(1, still)
        self._crowd: Any = None
        self._crowded = False
        self._scouted: int | None = None
        self._known: dict[int, tuple[Floats, int]] = {}
        self._looks: dict[int, tuple[Appearance, Glasses]] = {}
        self._next = 0
        self._chosen = -1
        blank = np.zeros((SMALLEST, SMALLEST, 3), np.uint8)
        self._alone.process(blank)
        self._scout.process(blank)

    def __call__(self, frame: Frame, /) -> tuple[Landmarks, ...]:
        """Return the faces, largest first."""
        if self._still:
            self._forget()
        rgb = to_rgb(frame)
        found = self._find(rgb, frame.captured)
        found.sort(key=_size, reverse=True)
        tracks = self._follow(found, frame.captured)
        faces = [
            self._look(points, track, rgb, frame.captured)
            for points, track in zip(found, tracks, strict=True)
        ]
        if self._all or not faces:
            return tuple(faces)
        return (self._choose(faces),)

    def reset(self) -> None:
        """Forget all faces."""
        self._forget()
        self._alone.close()
        self._alone = _face_mesh(1, self._still)
        if self._crowd is not None:
            self._crowd.close()
            self._crowd = None

    def close(self) -> None:
        """Stop the networks; idempotent."""
        self._forget()
        for network in (self._alone, self._crowd, self._scout):
            if network is not None:
                network.close()
        self._alone = self._crowd = self._scout = None

    def _forget(self) -> None:
        self._known.clear()
        self._looks.clear()
        self._scouted, self._crowded, self._chosen = None, False, -1

    def _find(self, rgb: Pixels, now: int) -> list[Floats]:
        scale = max(1, math.ceil(SMALLEST / min(rgb.shape[:2])))
        if scale > 1:
            rgb = np.asarray(cv2.resize(rgb, None, fx=scale, fy=scale), np.uint8)
        self._look_around(rgb, now)
        found = _points(self._crowd if self._crowded else self._alone, rgb)
        return [(p + 0.5) / scale - 0.5 for p in found]

    def _look_around(self, rgb: Pixels, now: int) -> None:
        """Once a second, see whether there is more than one face to follow."""
        if self._scouted is not None and 0 <= now - self._scouted < SCOUT_NS:
            return
        self._scouted = now
        self._crowded = len(self._scout.process(rgb).detections or ()) > 1
        if self._crowded and self._crowd is None:
            self._crowd = _face_mesh(MOST_FACES, self._still)

    def _choose(self, faces: list[Landmarks]) -> Landmarks:
        """Stay with the face that was edited until another is clearly larger."""
        largest = faces[0]
        for face in faces:
            if face.track == self._chosen and LARGER * _size(face.points) > _size(largest.points):
                return face
        self._chosen = largest.track
        return largest

    def _look(self, points: Floats, track: int, rgb: Pixels, now: int) -> Landmarks:
        looks, glasses = self._looks.setdefault(track, (Appearance(), Glasses()))
        score = 1.0 if self._still else looks(rgb, points, now)
        return Landmarks(points, score, now, track, glasses(rgb, points))

    def _follow(self, found: list[Floats], now: int) -> list[int]:
        """Give each face the number of the nearest one seen of late, or a new one."""
        self._known = {t: (p, at) for t, (p, at) in self._known.items() if now - at < FORGET_NS}
        free = dict(self._known)
        tracks: list[int] = []
        for points in found:
            middle = points[:, :2].mean(axis=0)
            near = [
                (float(np.linalg.norm(middle - other[:, :2].mean(axis=0))), track)
                for track, (other, _) in free.items()
            ]
            distance, track = min(near, default=(math.inf, -1))
            if distance > SAME_FACE * _size(points):
                track, self._next = self._next, self._next + 1
            free.pop(track, None)
            tracks.append(track)
        self._known |= {t: (points, now) for t, points in zip(tracks, found, strict=True)}
        self._looks = {t: look for t, look in self._looks.items() if t in self._known}
        return tracks


def _size(face: Floats) -> float:
    outline = face[list(mesh.OVAL), :2]
    return float(np.linalg.norm(outline.max(axis=0) - outline.min(axis=0)))


def _points(network: Any, rgb: Pixels) -> list[Floats]:
    height, width = rgb.shape[:2]
    scale = np.array([width, height, width], np.float32)
    found = network.process(rgb).multi_face_landmarks or ()
    # MediaPipe counts from the corner of the first pixel, arrays from its middle.
    half = np.array([0.5, 0.5, 0.0], np.float32)
    return [
        np.array([(p.x, p.y, p.z) for p in face.landmark], np.float32) * scale - half
        for face in found
    ]


def _face_mesh(faces: int, still: bool) -> Any:
    return load().face_mesh.FaceMesh(
        static_image_mode=still, max_num_faces=faces, refine_landmarks=True
    )


def _detector() -> Any:
    return load().face_detection.FaceDetection(model_selection=0)


def load() -> Any:
    """Import MediaPipe's ready-made networks.

    Raises:
        TrackerError: MediaPipe is not installed.
    """
    os.environ.setdefault("GLOG_minloglevel", "2")  # MediaPipe's C++ side is talkative
    try:
        from mediapipe.python import solutions
    except ImportError as exc:
        raise TrackerError(
            f"the face tracker needs MediaPipe: pip install mediapipe==0.10.21 ({exc})"
        ) from exc
    return solutions

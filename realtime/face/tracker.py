"""Finding faces and their 478 points in a picture, by MediaPipe's face mesh."""

from __future__ import annotations

import math
import os
from typing import Any

import cv2
import numpy as np

from realtime.face import mesh
from realtime.picture import to_rgb
from realtime.types import Floats, Frame, Landmarks, Pixels

SAME_FACE = 0.5
"""Two sightings closer than this share of their size are the same face."""

SMALLEST = 192
"""Shorter side below which a picture is enlarged first; the mesh is unsure about tiny faces."""


class TrackerError(Exception):
    """The landmark network could not be started; the message says what to install."""


class Tracker:
    """Follows up to ``max_faces`` faces and gives each a number that stays.

    Args:
        max_faces: how many faces are looked for.
        still: look anew in every picture instead of following; for photographs.
    """

    name = "landmarks"

    def __init__(self, max_faces: int = 1, *, still: bool = False) -> None:
        self._max_faces = max_faces
        self._still = still
        self._known: dict[int, Floats] = {}
        self._next = 0
        self._mesh: Any = self._open()
        self._mesh.process(np.zeros((SMALLEST, SMALLEST, 3), np.uint8))

    def __call__(self, frame: Frame, /) -> tuple[Landmarks, ...]:
        """Return the faces, largest first."""
        rgb = to_rgb(frame)
        scale = max(1, math.ceil(SMALLEST / min(rgb.shape[:2])))
        found = self._find(
            cv2.resize(rgb, None, fx=scale, fy=scale) if scale > 1 else rgb  # type: ignore[arg-type]
        )
        found = [p / scale for p in found]
        found.sort(key=_size, reverse=True)
        return tuple(
            Landmarks(points, 1.0, frame.captured, track)
            for points, track in zip(found, self._follow(found), strict=True)
        )

    def reset(self) -> None:
        """Forget all faces."""
        self._known.clear()
        self._mesh.close()
        self._mesh = self._open()

    def close(self) -> None:
        """Stop the network; idempotent."""
        self._known.clear()
        if self._mesh is not None:
            self._mesh.close()
            self._mesh = None

    def _open(self) -> Any:
        os.environ.setdefault("GLOG_minloglevel", "2")  # MediaPipe's C++ side is talkative
        try:
            from mediapipe.python.solutions.face_mesh import FaceMesh
        except ImportError as exc:
            raise TrackerError(
                f"the face tracker needs MediaPipe: pip install mediapipe==0.10.21 ({exc})"
            ) from exc
        return FaceMesh(
            static_image_mode=self._still,
            max_num_faces=self._max_faces,
            refine_landmarks=True,
            min_detection_confidence=0.5,
            min_tracking_confidence=0.5,
        )

    def _find(self, rgb: Pixels) -> list[Floats]:
        height, width = rgb.shape[:2]
        result = self._mesh.process(rgb)
        scale = np.array([width, height, width], np.float32)
        return [
            np.array([(p.x, p.y, p.z) for p in face.landmark], np.float32) * scale - (0.5, 0.5, 0)
            for face in result.multi_face_landmarks or ()
        ]

    def _follow(self, found: list[Floats]) -> list[int]:
        """Give each face the number of the nearest one seen last time, or a new one."""
        free = dict(self._known)
        tracks: list[int] = []
        for points in found:
            middle = points[:, :2].mean(axis=0)
            near = [
                (float(np.linalg.norm(middle - other[:, :2].mean(axis=0))), track)
                for track, other in free.items()
            ]
            distance, track = min(near, default=(math.inf, -1))
            if distance > SAME_FACE * _size(points):
                track, self._next = self._next, self._next + 1
            free.pop(track, None)
            tracks.append(track)
        self._known = dict(zip(tracks, found, strict=True))
        return tracks


def _size(points: Floats) -> float:
    outline = points[list(mesh.OVAL), :2]
    return float(np.linalg.norm(outline.max(axis=0) - outline.min(axis=0)))

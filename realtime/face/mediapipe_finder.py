"""MediaPipe's own face mesh."""

from __future__ import annotations

import math
import os
import sys
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any, cast

import cv2
import numpy as np

from engines.placement import Placement
from realtime.face.finder import MOST_FACES, Scout, TrackerError
from realtime.picture import to_rgb
from realtime.types import Floats, Frame, Pixels

SMALLEST = 192
"""Shorter side below which a picture is enlarged first; the mesh is unsure about tiny faces."""


class MediapipeFinder:
    """Follows one face, and many only while there are many: that costs twice as much.

    Args:
        still: look anew in every picture instead of following; for photographs.
        why: why not the landmark engine, for reports.

    Raises:
        TrackerError: MediaPipe is not installed, or has no face mesh.
    """

    def __init__(self, *, still: bool = False, why: str = "the settings do not ask for it") -> None:
        self._still = still
        self.places = (Placement("face_mesh_attention", "MediaPipe on CPU, fp32", {"engine": why}),)
        self._detector: Any = load().detector(model_selection=0)
        self._alone: Any = _face_mesh(1, still)
        self._crowd: Any = None
        self._crowded = False
        self._scout = Scout()
        self._stacked = self._picture = np.empty(0, np.uint8)
        blank = np.zeros((SMALLEST, SMALLEST, 3), np.uint8)
        self._alone.process(blank)
        self._detector.process(blank)

    def __call__(self, frame: Frame, /) -> list[Floats]:
        """Return the points of each face, in no order."""
        if self._still:
            self._forget()
        rgb = self._rgb(frame)
        scale = max(1, math.ceil(SMALLEST / min(rgb.shape[:2])))
        large = rgb
        if scale > 1:
            large = np.asarray(cv2.resize(rgb, None, fx=scale, fy=scale), np.uint8)
        self._look_around(large, frame.captured)
        found = _points(self._crowd if self._crowded else self._alone, large)
        return [(points + 0.5) / scale - 0.5 for points in found]

    def reset(self) -> None:
        """Forget where faces were."""
        self._forget()
        self._alone.close()
        self._alone = _face_mesh(1, self._still)
        if self._crowd is not None:
            self._crowd.close()
            self._crowd = None

    def close(self) -> None:
        """Stop the networks; idempotent."""
        for network in (self._alone, self._crowd, self._detector):
            if network is not None:
                network.close()
        self._alone = self._crowd = self._detector = None

    def _forget(self) -> None:
        self._scout.reset()
        self._crowded = False

    def _rgb(self, frame: Frame) -> Pixels:
        """Return the frame as MediaPipe wants it, until the next; a camera's layout costs least."""
        rows, columns = frame.height, frame.width
        if frame.format != "yuv420p" or frame.full_range or rows % 2 or columns % 2:
            return to_rgb(frame)
        if self._picture.shape[:2] != (rows, columns):
            self._stacked = np.empty((rows * 3 // 2, columns), np.uint8)
            self._picture = np.empty((rows, columns, 3), np.uint8)
        light, u, v = frame.planes
        self._stacked[:rows] = light
        chroma = self._stacked[rows:].reshape(2, rows // 2, columns // 2)
        chroma[0], chroma[1] = u, v
        cv2.cvtColor(self._stacked, cv2.COLOR_YUV2RGB_I420, self._picture)
        return self._picture

    def _look_around(self, rgb: Pixels, now: int) -> None:
        if not self._scout.is_due(now):
            return
        self._crowded = len(self._detector.process(rgb).detections or ()) > 1
        if self._crowded and self._crowd is None:
            self._crowd = _face_mesh(MOST_FACES, self._still)


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
    return load().mesh(static_image_mode=still, max_num_faces=faces, refine_landmarks=True)


@dataclass(frozen=True, slots=True)
class Networks:
    """MediaPipe's ready-made networks for faces.

    Attributes:
        detector: makes what finds faces in a picture.
        mesh: makes what follows their points.
    """

    detector: Any
    mesh: Any


@cache
def load() -> Networks:
    """Import MediaPipe's ready-made networks for faces, and nothing else of it.

    The package as a whole also imports Matplotlib, and PortAudio, which asks every sound device
    what it can do: a second, and 50 MB.

    Raises:
        TrackerError: MediaPipe is not installed.
    """
    os.environ.setdefault("GLOG_minloglevel", "2")  # MediaPipe's C++ side is talkative
    try:
        _enter("mediapipe")
        _enter("mediapipe.python.solutions")
        # "from ... import" would ask the package first whether it has them, and wake it.
        detection = import_module("mediapipe.python.solutions.face_detection")
        mesh = import_module("mediapipe.python.solutions.face_mesh")
    except ImportError as exc:
        raise TrackerError(
            f"the face tracker needs MediaPipe: pip install mediapipe==0.10.21 ({exc})"
        ) from exc
    return Networks(detection.FaceDetection, mesh.FaceMesh)


class _Package(ModuleType):
    """A package whose own code runs only when something is wanted that it does not have yet."""

    def __getattr__(self, name: str) -> Any:
        spec = self.__spec__
        if name.startswith("__") or spec is None or spec.loader is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        cast("Any", self).__class__ = ModuleType
        spec.loader.exec_module(self)
        return getattr(self, name)


def _enter(name: str) -> None:
    """Make what is in the package ``name`` importable before its own code runs."""
    if name in sys.modules:
        return
    spec = find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    package = module_from_spec(spec)
    package.__class__ = _Package
    sys.modules[name] = package

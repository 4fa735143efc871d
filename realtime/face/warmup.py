"""Paying in advance: what is compiled once would make the first picture seconds late."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from functools import cache

import numpy as np

from engines.engine import Options, load_backend
from engines.landmarks.follow import DETECTOR, MESH
from engines.landmarks.networks import SourceMissing
from engines.landmarks.weights import FromWheel
from engines.tflite import TfliteError
from kernels.cpu.sample import sample
from realtime.face import mesh
from realtime.face.animator import Animator
from realtime.face.motion import Canvas, Pose
from realtime.face.renderer import Renderer
from realtime.types import Edit, Emotion, Frame, Landmarks, PixelFormat, Pixels

SIDE = 128

ON_PROCESSORS = ("openvino", "onnxruntime")
"""The back-ends that any machine may have, quickest first."""


@cache
def warm_up() -> None:
    """Run each step once on a drawn face, in each kind of pixel; a second call does nothing."""
    points = (mesh.canonical() * (SIDE / 6) + (SIDE / 2, SIDE / 3, 0)).astype(np.float32)
    face = Landmarks(points, 1.0, 0)
    motions = Animator(still=True)(Pose((face,), Edit(Emotion.HAPPY), 0)).motions
    for pixels in _kinds():
        Renderer()(Canvas(pixels, motions))


def load_engine() -> None:
    """Load what the landmark engine runs on, and read its networks out of their wheel.

    Nothing is opened: the threads of a run-time would not be there in a process forked from this.
    """
    sample(np.zeros((2, 2), np.uint8), np.eye(2, 3), np.empty((1, 1), np.uint8))
    for name in ON_PROCESSORS:
        with suppress(ImportError, SourceMissing, TfliteError, OSError):
            dialect = load_backend(name).dialect(Options())
            for network in (DETECTOR, MESH):
                FromWheel(network).onnx(dialect)
            return


def _kinds() -> tuple[Frame, ...]:
    luma = np.full((SIDE, SIDE), 128, np.uint8)
    chroma = np.full((SIDE // 2, SIDE // 2), 128, np.uint8)
    rgb = np.full((SIDE, SIDE, 3), 128, np.uint8)
    kinds: tuple[tuple[PixelFormat, tuple[Pixels, ...]], ...] = (
        ("yuv420p", (luma, chroma, chroma)),
        ("rgb24", (rgb,)),
    )
    return tuple(Frame(planes, kind, 0, 0, Fraction(1, 30), 0) for kind, planes in kinds)

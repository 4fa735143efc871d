"""A face that any machine has to measure with: a NASA portrait in the public domain, moving."""

from __future__ import annotations

import math
from fractions import Fraction

import cv2
import numpy as np

from realtime.clock import MS
from realtime.commands.errors import CommandError, Exit
from realtime.types import Frame, Pixels

CENTRE = (224.0, 116.0)
"""Column and row of the nose in the portrait."""

FACE = 110.0
"""Rows from hairline to chin in the portrait."""


def portrait() -> Pixels:
    """Return [512, 512, 3] RGB: Eileen Collins, NASA, 1999."""
    try:
        from skimage import data
    except ModuleNotFoundError as error:
        raise CommandError(
            "the portrait to measure with comes with scikit-image: pip install scikit-image",
            Exit.MISSING,
        ) from error
    return np.asarray(data.astronaut(), np.uint8)


def moving(width: int, height: int, count: int, fps: int = 30) -> list[Frame]:
    """Return ``count`` camera frames of the portrait, which sways, nods and leans without a jump.

    The last frame leads back to the first, so that they can be shown round and round. The face is
    two fifths of the picture's height, as in front of a webcam, and moves by up to a tenth of it.
    """
    picture = portrait()
    grain = np.random.default_rng(0).integers(-3, 4, (8, height, width, 1), np.int8)
    frames: list[Frame] = []
    for seq in range(count):
        turn = cv2.warpAffine(
            picture,
            _motion(seq / count * math.tau, width, height),
            (width, height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        noisy = np.clip(turn.astype(np.int16) + grain[seq % len(grain)], 0, 255).astype(np.uint8)
        frames.append(_frame(noisy, seq, fps))
    return frames


def again(frame: Frame, seq: int, fps: int = 30) -> Frame:
    """Return the picture of ``frame`` as the ``seq``-th that the camera gives."""
    return Frame(frame.planes, frame.format, seq * 1000 * MS // fps, seq, Fraction(1, fps), seq)


def _motion(
    phase: float, width: int, height: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return [2, 3], portrait to picture, at ``phase`` of the round."""
    size = 0.4 * height / FACE * (1 + 0.05 * math.sin(2 * phase))
    lean = 6.0 * math.sin(phase)
    matrix = cv2.getRotationMatrix2D(CENTRE, lean, size).astype(np.float64)
    matrix[0, 2] += width / 2 - CENTRE[0] + 0.04 * height * math.sin(3 * phase)
    matrix[1, 2] += height / 2 - CENTRE[1] + 0.03 * height * math.cos(2 * phase)
    return matrix


def _frame(rgb: Pixels, seq: int, fps: int) -> Frame:
    height, width = rgb.shape[:2]
    stacked = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420), np.uint8)
    luma, rest = stacked[:height], stacked[height:].reshape(2, height // 2, width // 2)
    return again(Frame((luma, rest[0], rest[1]), "yuv420p", 0, 0, Fraction(1, fps), 0), seq, fps)

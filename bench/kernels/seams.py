"""Laying a changed mouth over a face without a seam."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np

from bench.kernels.contest import OURS, REFERENCE, Contest, Work
from kernels import cpu, reference
from realtime.picture import to_rgb
from realtime.types import Floats, Frame, Pixels

LEVELS = 4


def blends(frames: Sequence[Frame], size: str) -> Iterator[Contest]:
    """Yield a multi-band blend over the square of a face."""
    height, width = frames[0].height, frames[0].width
    side = height // 2 // 16 * 16
    top, left = (height - side) // 2, (width - side) // 2
    faces = [to_rgb(f)[top : top + side, left : left + side].copy() for f in frames]
    above = [np.asarray(np.clip(face * np.float32(0.9) + 20, 0, 255), np.uint8) for face in faces]
    mask = np.zeros((side, side), np.float32)
    mask[side // 2 :, side // 4 : -side // 4] = 1
    scratch, out = cpu.Scratch(), np.empty((side, side, 3), np.uint8)

    def ours(n: int) -> Any:
        n %= len(faces)
        return cpu.blend(faces[n], above[n], mask, LEVELS, scratch=scratch, out=out)

    def plainly(n: int) -> Any:
        n %= len(faces)
        return reference.blend(faces[n], above[n], mask, LEVELS)

    def stitched(n: int) -> Any:
        n %= len(faces)
        return _stitched(faces[n], above[n], mask)

    ways: dict[str, Work] = {OURS: ours, "OpenCV's stitcher": stitched, REFERENCE: plainly}
    yield Contest(f"blend {side}x{side} of {size}, {LEVELS} levels", ways)


def _stitched(below: Pixels, above: Pixels, mask: Floats) -> Pixels:
    """Return what OpenCV's blender of panoramas makes; its masks are 0 or 255."""
    blender: Any = cv2.detail.MultiBandBlender(0, LEVELS)
    height, width = below.shape[:2]
    blender.prepare((0, 0, width, height))
    over = (mask * 255).astype(np.uint8)
    blender.feed(below.astype(np.int16), 255 - over, (0, 0))
    blender.feed(above.astype(np.int16), over, (0, 0))
    out, _ = blender.blend(None, None)
    return np.clip(out, 0, 255).astype(np.uint8)

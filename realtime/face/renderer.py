"""Drawing a motion: the camera's own pixels, moved by the mesh and shaded by the furrows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kernels import cpu
from realtime.face import furrows, mesh
from realtime.face.motion import Canvas, Motion
from realtime.types import SUBSAMPLING, Floats, Frame, Pixels

GRID = 144
"""Samples of the field across the longer side of a face; between them it is interpolated."""


@dataclass(frozen=True, slots=True)
class Field:
    """Where each pixel of a rectangle comes from, and how its light changes.

    Attributes:
        left: first column of the rectangle in the frame, even.
        top: first row, even.
        width: columns, even unless cut by the frame's edge.
        height: rows, likewise.
        grid: [h, w, 3] coarse samples of (dx, dy, gain): a pixel at p shows what was at p + d.
    """

    left: int
    top: int
    width: int
    height: int
    grid: Floats


class Renderer:
    """Warps and shades each face in place; every other pixel stays bit for bit as it was."""

    name = "render"

    def __init__(self) -> None:
        self._layers = furrows.layers()
        self._flat = mesh.canonical_with_ring()
        self._triangles = mesh.triangles()

    def __call__(self, canvas: Canvas, /) -> Frame:
        """Return the frame with all motions drawn, or the very same frame when there are none."""
        if not canvas.motions:
            return canvas.frame
        planes = [p.copy() for p in canvas.frame.planes]
        for motion in canvas.motions:
            field = self._field(motion, canvas.frame)
            if field is not None:
                _apply(field, canvas.frame, planes)
        return canvas.frame.with_planes(tuple(planes))

    def reset(self) -> None:
        """Nothing is carried from frame to frame."""

    def close(self) -> None:
        """Nothing is held."""

    def _field(self, motion: Motion, frame: Frame) -> Field | None:
        target = motion.points + motion.shift
        low, high = target.min(axis=0), target.max(axis=0)
        left, top = (max(0, int(v) // 2 * 2 - 2) for v in low)
        right = min(frame.width, int(high[0]) // 2 * 2 + 4)
        bottom = min(frame.height, int(high[1]) // 2 * 2 + 4)
        width, height = right - left, bottom - top
        if width < 8 or height < 8:
            return None
        step = max(1.0, max(width, height) / GRID)
        columns, rows = int(np.ceil(width / step)), int(np.ceil(height / step))
        scale = np.array([columns / width, rows / height], np.float32)
        # Sample centres: pixel x lies at (x + 0.5) * scale - 0.5, as cv2.resize has it.
        vertices = (target - (left, top) + 0.5) * scale - 0.5
        values = np.concatenate([-motion.shift, self._flat], axis=1, dtype=np.float32)
        spread = np.empty((rows, columns, 4), np.float32)
        cpu.rasterise(vertices, self._triangles, values, spread)
        grid = np.empty((rows, columns, 3), np.float32)
        grid[..., :2] = spread[..., :2]
        grid[..., 2] = self._gain(motion.furrows, spread[..., 2:])
        return Field(left, top, width, height, grid)

    def _gain(self, strengths: Floats, where: Floats) -> Floats:
        """Look the furrows up at canonical positions [h, w, 2]; (0, 0) there means no face."""
        drawing = np.tensordot(strengths, self._layers, axes=1)
        x = (where[..., 0] - furrows.LEFT) / furrows.STEP - 0.5
        y = (where[..., 1] - furrows.TOP) / furrows.STEP - 0.5
        gain = cv2.remap(drawing, x, y, cv2.INTER_LINEAR)
        gain[(where[..., 0] == 0) & (where[..., 1] == 0)] = 0
        return gain


def _apply(field: Field, frame: Frame, planes: list[Pixels]) -> None:
    for i, plane in enumerate(planes):
        sx, sy = SUBSAMPLING[frame.format] if i else (1, 1)
        box = (
            slice(field.top // sy, -(-(field.top + field.height) // sy)),
            slice(field.left // sx, -(-(field.left + field.width) // sx)),
        )
        part = frame.planes[i][box]
        height, width = part.shape[:2]
        full = cv2.resize(field.grid, (width, height), interpolation=cv2.INTER_LINEAR)
        columns = np.arange(width, dtype=np.float32)[None, :] + full[..., 0] / sx
        rows = np.arange(height, dtype=np.float32)[:, None] + full[..., 1] / sy
        sharp = cv2.INTER_CUBIC if i == 0 else cv2.INTER_LINEAR
        moved = cv2.remap(part, columns, rows, sharp, borderMode=cv2.BORDER_REPLICATE)
        black = 128 if i else (0 if frame.full_range else 16)
        cpu.shade(moved, np.ascontiguousarray(full[..., 2]), black)
        plane[box] = moved

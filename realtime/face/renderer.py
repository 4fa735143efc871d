"""Drawing a motion: the camera's own pixels, moved by the mesh and shaded by the furrows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from kernels import cpu
from realtime.face import eyes, furrows, mesh
from realtime.face.motion import Canvas, Motion
from realtime.types import SUBSAMPLING, Floats, Frame, Pixels

GRID = 144
"""Samples of the field across the longer side of a face; between them it is interpolated."""

DETAIL = 0.08
"""Size of the lines that may deepen, as a share of the eyes' distance."""

CRISPER, CRISPEST = 0.3, 0.7
"""How much a furrow of strength 1 deepens lines that are there, and the most that all may."""


@dataclass(frozen=True, slots=True)
class Field:
    """Where each pixel of a rectangle comes from, and how its light changes.

    Attributes:
        left: first column of the rectangle in the frame, even.
        top: first row, even.
        width: columns, even unless cut by the frame's edge.
        height: rows, likewise.
        unit: the distance between the outer corners of the eyes, in pixels.
        grid: [h, w, 4] coarse samples of (dx, dy, gain, crisp): a pixel at p shows what was at
            p + d, its light multiplied by 1 + gain, its fine detail by 1 + crisp.
    """

    left: int
    top: int
    width: int
    height: int
    unit: float
    grid: Floats


class Renderer:
    """Warps and shades each face in place; every other pixel stays bit for bit as it was."""

    name = "render"

    def __init__(self) -> None:
        self._layers = np.concatenate([furrows.layers(), furrows.crisp()[None]])
        flat = mesh.canonical_with_ring()
        self._flat = np.concatenate([flat, eyes.insides(flat)])
        self._triangles = eyes.triangles()

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
        inside = eyes.insides(motion.points)
        inside_shift = eyes.shifts(motion.points, motion.shift)
        vertices = (
            np.concatenate([target, inside + inside_shift]) - (left, top) + 0.5
        ) * scale - 0.5
        shift = np.concatenate([motion.shift, inside_shift])
        values = np.concatenate([-shift, self._flat], axis=1, dtype=np.float32)
        spread = np.empty((rows, columns, 4), np.float32)
        cpu.rasterise(vertices, self._triangles, values, spread)
        grid = np.empty((rows, columns, 4), np.float32)
        grid[..., :2] = spread[..., :2]
        grid[..., 2:] = self._light(motion.furrows, spread[..., 2:])
        unit = float(np.linalg.norm(motion.points[33] - motion.points[263]))
        return Field(left, top, width, height, unit, grid)

    def _light(self, strengths: Floats, where: Floats) -> Floats:
        """Look up [h, w, 2] (gain, crisp) at canonical positions; (0, 0) there means no face."""
        drawing = np.empty((*self._layers.shape[1:], 2), np.float32)
        drawing[..., 0] = np.tensordot(strengths, self._layers[:-1], axes=1)
        drawing[..., 1] = self._layers[-1] * min(CRISPEST, CRISPER * float(np.abs(strengths).sum()))
        x = (where[..., 0] - furrows.LEFT) / furrows.STEP - 0.5
        y = (where[..., 1] - furrows.TOP) / furrows.STEP - 0.5
        light = cast("Floats", cv2.remap(drawing, x, y, cv2.INTER_LINEAR))
        light[(where[..., 0] == 0) & (where[..., 1] == 0)] = 0
        return light


def _apply(field: Field, frame: Frame, planes: list[Pixels]) -> None:
    for i, plane in enumerate(planes):
        sx, sy = SUBSAMPLING[frame.format] if i else (1, 1)
        box = (
            slice(field.top // sy, -(-(field.top + field.height) // sy)),
            slice(field.left // sx, -(-(field.left + field.width) // sx)),
        )
        part = plane[box]
        height, width = part.shape[:2]
        full = cast("Floats", cv2.resize(field.grid, (width, height)))
        columns = np.arange(width, dtype=np.float32)[None, :] + full[..., 0] / sx
        rows = np.arange(height, dtype=np.float32)[:, None] + full[..., 1] / sy
        sharp = cv2.INTER_CUBIC if i == 0 else cv2.INTER_LINEAR
        moved = cast(
            "Pixels", cv2.remap(part, columns, rows, sharp, borderMode=cv2.BORDER_REPLICATE)
        )
        if i == 0:
            # Shade falls on the light alone: skin in a fold is darker and, for that, more red.
            reach = 2 * int(field.unit * DETAIL / 2) + 1
            soft = cast("Pixels", cv2.blur(moved, (reach, reach)))
            cpu.relight(moved, soft, full[..., 2:], _black(frame))
        plane[box] = moved


def _black(frame: Frame) -> int:
    return 0 if frame.full_range or frame.format == "rgb24" else 16

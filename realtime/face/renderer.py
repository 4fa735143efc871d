"""Drawing a motion: the camera's own pixels, moved by the mesh and shaded by the furrows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kernels import cpu
from kernels.reference.flush import TONE
from realtime.face import eyes, furrows, mesh
from realtime.face.looks import Looks
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
        shift: [2, h, w] coarse samples of (dx, dy): a pixel at p shows what was at p + d.
        light: [2, h, w] coarse samples of (gain, crisp): its light is multiplied by 1 + gain, its
            fine detail by 1 + crisp.
    """

    left: int
    top: int
    width: int
    height: int
    unit: float
    shift: Floats
    light: Floats


class Renderer:
    """Warps and shades each face in place; every other pixel stays bit for bit as it was."""

    name = "render"

    def __init__(self) -> None:
        self._layers = furrows.layers().reshape(len(furrows.FURROWS), -1).copy()
        self._crisp = furrows.crisp().reshape(-1).copy()
        # The rasteriser leaves zeros beside the mesh, which then look up this corner: no light.
        self._layers[:, 0] = self._crisp[0] = 0.0
        flat = mesh.canonical_with_ring()
        flat = np.concatenate([flat, eyes.insides(flat)])
        self._on_drawing = furrows.on_drawing(flat)
        self._triangles = eyes.triangles()
        self._looks = Looks()
        self._scratch = cpu.Scratch()

    def __call__(self, canvas: Canvas, /) -> Frame:
        """Return the frame with all motions drawn, or the very same frame when there are none."""
        largest = canvas.largest
        if largest is not None:
            self._looks.learn(canvas.frame, largest)
        if not canvas.motions:
            return canvas.frame
        planes = [p.copy() for p in canvas.frame.planes]
        for motion in canvas.motions:
            plain = None
            if largest is not None and motion.track == largest.track:
                plain = self._looks.light(canvas.frame, largest)
            field = self._field(motion, canvas.frame, plain)
            if field is not None:
                self._apply(field, canvas.frame, planes)
        return canvas.frame.with_planes(tuple(planes))

    def reset(self) -> None:
        """Forget how faces looked."""
        self._looks.reset()

    def close(self) -> None:
        """Nothing is held."""

    def _field(self, motion: Motion, frame: Frame, plain: Floats | None) -> Field | None:
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
        inside, inside_shift = eyes.insides_moved(motion.points, motion.shift)
        vertices = (
            np.concatenate([target, inside + inside_shift]) - (left, top) + 0.5
        ) * scale - 0.5
        shift = np.concatenate([motion.shift, inside_shift])
        values = np.concatenate([-shift, self._on_drawing], axis=1, dtype=np.float32)
        spread = self._scratch.take("spread", (4, rows, columns))
        cpu.rasterise(vertices, self._triangles, values, spread)
        light = self._light(motion.furrows, plain, spread[2:])
        unit = float(np.linalg.norm(motion.points[33] - motion.points[263]))
        return Field(left, top, width, height, unit, spread[:2], light)

    def _light(self, strengths: Floats, plain: Floats | None, where: Floats) -> Floats:
        """Look up [2, h, w] (gain, crisp) at places [2, h, w] on the drawings."""
        drawing = self._scratch.take("drawing", (2, *furrows.SHAPE))
        gain, crisp = drawing.reshape(2, -1)
        cpu.combine(strengths, self._layers, gain)
        if plain is not None:
            drawing[0] += plain
        np.multiply(self._crisp, min(CRISPEST, CRISPER * float(np.abs(strengths).sum())), out=crisp)
        light = self._scratch.take("light", where.shape)
        cpu.drape(drawing, where, scratch=self._scratch, out=light)
        return light

    def _apply(self, field: Field, frame: Frame, planes: list[Pixels]) -> None:
        luma, gain = self._apply_light(field, frame, planes[0])
        if len(planes) == 1:
            return
        sx, sy = SUBSAMPLING[frame.format]
        luma, gain = luma[::sy, ::sx], gain[::sy, ::sx]
        parts = [plane[_box(field, sx, sy)] for plane in planes[1:]]
        shift = self._enlarged("shift", field.shift, parts[0])
        if (sx, sy) != (1, 1):
            shift *= np.array([1 / sx, 1 / sy], np.float32)[:, None, None]
        for part, tone in zip(parts, TONE, strict=True):
            cpu.warp(part, shift, sharp=False, scratch=self._scratch, out=part)
            cpu.flush(part, luma, gain, tone, frame.black)

    def _apply_light(self, field: Field, frame: Frame, plane: Pixels) -> tuple[Pixels, Floats]:
        """Warp and light the first plane; return the part of it that changed, and the gain."""
        part = plane[_box(field, 1, 1)]
        shift = self._enlarged("shift", field.shift, part)
        moved = self._scratch.take("moved", part.shape, np.uint8)
        cpu.warp(part, shift, sharp=True, scratch=self._scratch, out=moved)
        reach = 2 * int(field.unit * DETAIL / 2) + 1
        soft = self._scratch.take("soft", part.shape, np.uint8)
        cv2.blur(moved, (reach, reach), soft)
        light = self._enlarged("light", field.light, part)
        cpu.relight(moved, soft, light, frame.black, out=part)
        return part, light[0]

    def _enlarged(self, name: str, coarse: Floats, part: Pixels) -> Floats:
        height, width = part.shape[:2]
        fine = self._scratch.take("fine " + name, (2, height, width))
        for samples, out in zip(coarse, fine, strict=True):
            cv2.resize(samples, (width, height), out)
        return fine


def _box(field: Field, sx: int, sy: int) -> tuple[slice, slice]:
    """Return the rows and columns of a plane whose samples cover ``sx`` by ``sy`` pixels."""
    return (
        slice(field.top // sy, -(-(field.top + field.height) // sy)),
        slice(field.left // sx, -(-(field.left + field.width) // sx)),
    )

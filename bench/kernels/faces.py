"""Moving a face: its mesh over the picture, its pixels by the mesh, and its light."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np

from bench.kernels.contest import OURS, REFERENCE, Contest
from kernels import cpu, reference
from realtime.face import basis, eyes, furrows, mesh
from realtime.types import Floats, Frame, Pixels

_CV: Any = cv2  # takes scalars where its types know of arrays only

GRID = 144
"""Samples of the mesh's field across the longer side of a face, as the filter has them."""


def warps(frames: Sequence[Frame], size: str) -> Iterator[Contest]:
    """Yield moving a face's light by cubic and its colours by linear interpolation."""
    for name, plane, sharp in (("light", 0, True), ("chroma", 1, False)):
        parts = [_face(frame.planes[plane]) for frame in frames]
        shift = _shift(*parts[0].shape)
        yield Contest(f"warp a face's {name} in {size}", _warp_ways(parts, shift, sharp))


def _warp_ways(parts: Sequence[Pixels], shift: Floats, sharp: bool) -> dict[str, Any]:
    scratch, out = cpu.Scratch(), np.empty(parts[0].shape, np.uint8)
    rows, columns = np.mgrid[: out.shape[0], : out.shape[1]].astype(np.float32)
    x, y = np.empty_like(rows), np.empty_like(rows)
    how = cv2.INTER_CUBIC if sharp else cv2.INTER_LINEAR

    def ours(n: int) -> Any:
        return cpu.warp(parts[n % len(parts)], shift, sharp=sharp, scratch=scratch, out=out)

    def by_opencv(n: int) -> Any:
        cv2.add(columns, shift[0], x)
        cv2.add(rows, shift[1], y)
        part = parts[n % len(parts)]
        return cv2.remap(part, x, y, how, out, cv2.BORDER_REPLICATE)

    def plainly(n: int) -> Any:
        return reference.warp(parts[n % len(parts)], shift, sharp=sharp)

    return {OURS: ours, "OpenCV": by_opencv, REFERENCE: plainly}


def relights(frames: Sequence[Frame], size: str) -> Iterator[Contest]:
    """Yield changing the light on a face and deepening its lines."""
    parts = [_face(frame.planes[0]) for frame in frames]
    soft = [np.asarray(cv2.blur(part, (9, 9)), np.uint8) for part in parts]
    light = _shift(*parts[0].shape) * np.float32(0.05)
    out = np.empty(parts[0].shape, np.uint8)
    floats = [np.empty(out.shape, np.float32) for _ in range(3)]

    def ours(n: int) -> Any:
        cpu.relight(parts[n % len(parts)], soft[n % len(soft)], light, 16, out=out)
        return out

    def by_opencv(n: int) -> Any:
        p, line, value = floats
        part = parts[n % len(parts)]
        cv2.subtract(part, soft[n % len(soft)], line, dtype=cv2.CV_32F)
        _CV.min(line, 0.0, line)
        cv2.multiply(line, light[1], line)
        _CV.subtract(part, 16.0, p, dtype=cv2.CV_32F)
        cv2.multiply(p, light[0], value)
        cv2.add(value, line, value)
        cv2.add(part, value, out, dtype=cv2.CV_8U)
        return out

    def plainly(n: int) -> Any:
        return reference.relight(parts[n % len(parts)], soft[n % len(soft)], light, 16)

    ways = {OURS: ours, "OpenCV, seven calls": by_opencv, REFERENCE: plainly}
    yield Contest(f"light a face in {size}", ways)


def flushes(frames: Sequence[Frame], size: str) -> Iterator[Contest]:
    """Yield changing the colour of a face as its light changes."""
    parts = [_face(frame.planes[2]) for frame in frames]
    height, width = parts[0].shape
    lights = [_face(frame.planes[0])[::2, ::2][:height, :width] for frame in frames]
    gain = _shift(2 * height, 2 * width)[0, ::2, ::2] * np.float32(0.05)
    tone, out = reference.TONE[1], np.empty(gain.shape, np.uint8)
    away, lost = (np.empty(gain.shape, np.float32) for _ in range(2))

    def ours(n: int) -> Any:
        cpu.flush(parts[n % len(parts)], lights[n % len(lights)], gain, tone, 16, out=out)
        return out

    def by_opencv(n: int) -> Any:
        part = parts[n % len(parts)]
        _CV.subtract(part, float(reference.GREY), away, dtype=cv2.CV_32F)
        _CV.subtract(lights[n % len(lights)], 16.0, lost, dtype=cv2.CV_32F)
        cv2.scaleAdd(lost, -tone, away, away)
        cv2.multiply(away, gain, away)
        cv2.add(part, away, out, dtype=cv2.CV_8U)
        return out

    def plainly(n: int) -> Any:
        return reference.flush(parts[n % len(parts)], lights[n % len(lights)], gain, tone, 16)

    ways = {OURS: ours, "OpenCV, five calls": by_opencv, REFERENCE: plainly}
    yield Contest(f"colour a face's shade in {size}", ways)


def rasters() -> Iterator[Contest]:
    """Yield spreading four values between the points of a face's mesh."""
    vertices, values = _on_grid()
    triangles = eyes.triangles()
    out = np.empty((values.shape[1], GRID, GRID), np.float32)

    def ours(n: int) -> Any:
        cpu.rasterise(vertices, triangles, values, out)
        return out

    def plainly(n: int) -> Any:
        return reference.rasterise(vertices, triangles, values, GRID, GRID)

    yield Contest(f"rasterise a face's mesh, {GRID}x{GRID}", {OURS: ours, REFERENCE: plainly})


def drapes() -> Iterator[Contest]:
    """Yield adding up furrows and hanging them on a face's mesh."""
    vertices, values = _on_grid()
    where = reference.rasterise(vertices, eyes.triangles(), values[:, 2:], GRID, GRID)
    layers = furrows.layers()
    flat = layers.reshape(len(layers), -1)
    weights = np.linspace(0, 1, len(layers), dtype=np.float32)
    weights[::2] = 0  # as a rule a face shows half of them
    summed, out = np.empty(flat.shape[1], np.float32), np.empty((1, GRID, GRID), np.float32)
    scratch, texture = cpu.Scratch(), summed.reshape(1, *layers.shape[1:])

    def add(n: int) -> Any:
        return cpu.combine(weights, flat, summed)

    yield Contest(
        f"add up {len(layers)} drawings of furrows",
        {
            OURS: add,
            "BLAS": lambda n: np.dot(weights, flat, out=summed),
            REFERENCE: lambda n: reference.combine(weights, flat),
        },
    )

    def hang(n: int) -> Any:
        cpu.drape(texture, where, scratch=scratch, out=out)
        return out

    def by_opencv(n: int) -> Any:
        edge = cv2.BORDER_REPLICATE
        return _CV.remap(texture[0], where[0], where[1], cv2.INTER_LINEAR, out[0], edge)

    yield Contest(
        f"hang a drawing on a face's mesh, {GRID}x{GRID}",
        {OURS: hang, "OpenCV": by_opencv, REFERENCE: lambda n: reference.drape(texture, where)},
    )


def enlargements() -> Iterator[Contest]:
    """Yield laying the generator's fields over the pixels of a face."""
    fields = np.random.default_rng(0).uniform(-1, 1, (4, 128, 128)).astype(np.float32)
    across, down, size = (0.4, 0.34), (-3.2, 0.34), (350, 360)
    out, scratch = np.empty((4, *size[::-1]), np.float32), cpu.Scratch()
    way = np.array([[across[1], 0, across[0]], [0, down[1], down[0]]])

    def by_opencv(n: int) -> Any:
        flags, edge = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, cv2.BORDER_REPLICATE
        for field, to in zip(fields, out, strict=True):
            _CV.warpAffine(field, way, size, to, flags, edge)
        return out

    yield Contest(
        "enlarge fields, 4 of 128x128 to 350x360",
        {
            OURS: lambda n: cpu.enlarge(fields, across, down, size, scratch=scratch, out=out),
            "OpenCV": by_opencv,
            REFERENCE: lambda n: reference.enlarge(fields, across, down, size),
        },
    )


def moves() -> Iterator[Contest]:
    """Yield adding up what each coefficient of an expression moves."""
    flat = basis.displacements().reshape(len(basis.ARKIT), -1)
    weights = np.zeros(len(flat), np.float32)
    weights[::4] = 0.5
    out = np.empty(flat.shape[1], np.float32)
    yield Contest(
        f"add up {len(flat)} movements of a face",
        {
            OURS: lambda n: cpu.combine(weights, flat, out),
            "BLAS": lambda n: np.dot(weights, flat, out=out),
            REFERENCE: lambda n: reference.combine(weights, flat),
        },
    )


def _face(plane: Pixels) -> Pixels:
    """View where the portrait's face is: the filter works on such a rectangle in place."""
    height, width = plane.shape
    high, wide = height // 2, int(height * 0.42)
    left, top = (width - wide) // 2, (height - high) // 2
    return plane[top : top + high, left : left + wide]


def _shift(height: int, width: int) -> Floats:
    """Return [2, height, width]: a smooth movement of a few pixels that fades towards the edge."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    y, x = rows / max(1, height - 1), columns / max(1, width - 1)
    bell = np.sin(np.pi * x) * np.sin(np.pi * y)
    size = 0.03 * height * bell
    return np.stack([size * np.sin(7 * y), size * np.cos(9 * x)]).astype(np.float32)


def _on_grid() -> tuple[Floats, Floats]:
    """Return a face's vertices in samples of the grid, and four values of each."""
    flat = mesh.canonical_with_ring()
    flat = np.concatenate([flat, eyes.insides(flat)])
    low, high = flat.min(axis=0), flat.max(axis=0)
    vertices = ((flat - low) / (high - low).max() * (GRID - 1)).astype(np.float32)
    drawn = furrows.on_drawing(flat)
    return vertices, np.concatenate([0.02 * np.sin(9 * flat), drawn], axis=1, dtype=np.float32)

"""A face's mesh over the picture: values spread between its points, and light that changes."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from kernels.reference.mesh import TINT, Bytes, Floats, Ints


def rasterise(vertices: Floats, triangles: Ints, values: Floats, out: Floats) -> None:
    """Do ``reference.rasterise`` into ``out`` [H, W, C], which is overwritten."""
    out.fill(0.0)
    _rasterise(
        np.ascontiguousarray(vertices, np.float32), triangles, np.ascontiguousarray(values), out
    )


def relight(pixels: Bytes, soft: Bytes, light: Floats, black: int) -> None:
    """Do ``reference.relight`` in place on [H, W] or [H, W, 3]."""
    if pixels.ndim == 2:
        _relight(pixels[..., None], soft[..., None], light, np.float32(black), _PLAIN)
    else:
        _relight(pixels, soft, light, np.float32(black), _TINT)


_PLAIN = np.ones(1, np.float32)
_TINT = np.array(TINT, np.float32)


@njit(cache=True, nogil=True)
def _rasterise(vertices: Floats, triangles: Ints, values: Floats, out: Floats) -> None:
    height, width, channels = out.shape
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = vertices[a, 0], vertices[a, 1]
        bx, by = vertices[b, 0], vertices[b, 1]
        cx, cy = vertices[c, 0], vertices[c, 1]
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if abs(area) < 1e-9:
            continue
        top = max(0, math.ceil(min(ay, by, cy)))
        bottom = min(height - 1, math.floor(max(ay, by, cy)))
        left = max(0, math.ceil(min(ax, bx, cx)))
        right = min(width - 1, math.floor(max(ax, bx, cx)))
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                wb = ((x - ax) * (cy - ay) - (cx - ax) * (y - ay)) / area
                wc = ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) / area
                wa = 1.0 - wb - wc
                if wa >= 0.0 and wb >= 0.0 and wc >= 0.0:
                    for k in range(channels):
                        out[y, x, k] = wa * values[a, k] + wb * values[b, k] + wc * values[c, k]


@njit(cache=True, nogil=True)
def _relight(pixels: Bytes, soft: Bytes, light: Floats, black: np.float32, tint: Floats) -> None:
    for y in range(pixels.shape[0]):
        for x in range(pixels.shape[1]):
            gain, crisp = light[y, x, 0], light[y, x, 1]
            if gain == 0.0 and crisp == 0.0:
                continue
            for k in range(pixels.shape[2]):
                p = np.float32(pixels[y, x, k])
                line = min(np.float32(0.0), p - soft[y, x, k])
                value = p + crisp * line + gain * tint[k] * (p - black)
                pixels[y, x, k] = np.uint8(min(255.0, max(0.0, math.floor(value + 0.5))))

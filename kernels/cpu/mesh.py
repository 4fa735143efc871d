"""A face's mesh over the picture: values spread between its points, and drawings hung on it."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from kernels.reference.mesh import Floats, Ints


def rasterise(vertices: Floats, triangles: Ints, values: Floats, out: Floats) -> None:
    """Do ``reference.rasterise`` into ``out`` [H, W, C], which is overwritten."""
    out.fill(0.0)
    _rasterise(
        np.ascontiguousarray(vertices, np.float32), triangles, np.ascontiguousarray(values), out
    )


def drape(texture: Floats, where: Floats, out: Floats) -> None:
    """Do ``reference.drape`` into ``out`` [C, H, W]."""
    _drape(texture, where[0], where[1], out)


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
def _drape(texture, right, down, out):
    height, width = texture.shape[1], texture.shape[2]
    one = np.float32(1)
    for y in range(out.shape[1]):
        for x in range(out.shape[2]):
            u = min(max(right[y, x], np.float32(0)), np.float32(width - 1))
            v = min(max(down[y, x], np.float32(0)), np.float32(height - 1))
            # Whatever ``where`` holds, no memory but the drawing's is read.
            i = min(max(np.int64(u), 0), width - 1)
            j = min(max(np.int64(v), 0), height - 1)
            s, t = u - np.float32(i), v - np.float32(j)
            left, top = np.uint64(i), np.uint64(j)
            next, low = np.uint64(min(i + 1, width - 1)), np.uint64(min(j + 1, height - 1))
            for c in range(out.shape[0]):
                upper = texture[c, top, left] * (one - s) + texture[c, top, next] * s
                lower = texture[c, low, left] * (one - s) + texture[c, low, next] * s
                out[c, y, x] = upper * (one - t) + lower * t

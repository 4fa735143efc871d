"""A face's mesh over the picture: values spread between its points, and drawings hung on it."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from kernels.cpu.scratch import Scratch
from kernels.cpu.warp import FAST
from kernels.reference.mesh import Floats, Ints

_EDGE = -1e-9
"""The least share of a sample that counts as inside: rounding must not part two neighbours."""


def rasterise(vertices: Floats, triangles: Ints, values: Floats, out: Floats) -> None:
    """Do ``reference.rasterise`` into ``out`` [C, H, W], which is overwritten."""
    out.fill(0.0)
    _rasterise(
        np.ascontiguousarray(vertices, np.float32), triangles, np.ascontiguousarray(values), out
    )


def drape(texture: Floats, where: Floats, *, scratch: Scratch, out: Floats) -> None:
    """Do ``reference.drape`` into ``out`` [C, H, W]."""
    width = where.shape[2]
    floats = scratch.take("drape row", (6, width))
    ints = scratch.take("drape row", (2, width), np.int32)
    flat = texture.reshape(len(texture), -1)
    _drape(flat, texture.shape[1], texture.shape[2], where[0], where[1], floats, ints, out)


@njit(cache=True, nogil=True, error_model="numpy")
def _rasterise(vertices, triangles, values, out):
    height, width = out.shape[1:]
    for t in range(triangles.shape[0]):
        # Unsigned, or numba would look for indices that count from the end.
        corners = np.uint64(triangles[t, 0]), np.uint64(triangles[t, 1]), np.uint64(triangles[t, 2])
        a, b, c = corners
        ax, ay = np.float64(vertices[a, 0]), np.float64(vertices[a, 1])
        bx, by = vertices[b, 0] - ax, vertices[b, 1] - ay
        cx, cy = vertices[c, 0] - ax, vertices[c, 1] - ay
        area = bx * cy - cx * by
        if abs(area) < 1e-9:
            continue
        left, right = _reach(ax, bx, cx, width)
        top, bottom = _reach(ay, by, cy, height)
        # How fast the second and the third corner's share grow to the right and down.
        b_x, b_y, c_x, c_y = cy / area, -cx / area, -by / area, bx / area
        for y in range(top, bottom + 1):
            b_0 = b_y * (y - ay) + b_x * (left - ax)
            c_0 = c_y * (y - ay) + c_x * (left - ax)
            _fill_row(left, right, b_0, b_x, c_0, c_x, corners, values, out, np.uint64(y))


@njit(cache=True, nogil=True)
def _reach(a, b, c, size):
    """Return the first and the last sample that a triangle may touch along one axis."""
    low = high = 0.0
    if b < low:
        low = b
    if c < low:
        low = c
    if b > high:
        high = b
    if c > high:
        high = c
    return max(0, math.ceil(a + low)), min(size - 1, math.floor(a + high))


@njit(cache=True, nogil=True)
def _fill_row(left, right, wb, b_x, wc, c_x, corners, values, out, y):
    """Fill a triangle's samples of one row, which lie side by side."""
    x = left
    while x <= right and not _inside(wb, wc):
        x, wb, wc = x + 1, wb + b_x, wc + c_x
    first, fb, fc = x, np.float32(wb), np.float32(wc)
    while x <= right and _inside(wb, wc):
        x, wb, wc = x + 1, wb + b_x, wc + c_x
    for k in range(out.shape[0]):
        va = values[corners[0], k]
        vb, vc = values[corners[1], k] - va, values[corners[2], k] - va
        value, step = va + fb * vb + fc * vc, np.float32(b_x) * vb + np.float32(c_x) * vc
        for i in range(x - first):
            out[k, y, np.uint64(first + i)] = value
            value += step


@njit(cache=True, nogil=True)
def _inside(wb, wc):
    return (wb >= _EDGE) & (wc >= _EDGE) & (wb + wc <= 1.0 - _EDGE)


@njit(cache=True, nogil=True)
def _drape(texture, height, width, right, down, floats, ints, out):
    """Work row by row, as ``warp`` does and for the same reason."""
    for y in range(out.shape[1]):
        _look(right[y], down[y], height, width, ints[0], floats[0], floats[1])
        for k in range(out.shape[0]):
            _take(texture[k], ints[0], width, floats[2], floats[3], floats[4], floats[5])
            _blend(floats[2], floats[3], floats[4], floats[5], floats[0], floats[1], out[k, y])


@njit(cache=True, nogil=True, fastmath=FAST)
def _look(right, down, height, width, where, across, along):
    zero = np.float32(0)
    end, low = np.float32(width - 1), np.float32(height - 1)
    last = np.int32(max(height - 2, 0) * width + max(width - 2, 0))
    for x in range(where.shape[0]):
        u, v = min(max(right[x], zero), end), min(max(down[x], zero), low)
        # The last column and row are reached from the ones before: four texels are always there.
        i = min(np.int32(u), np.int32(max(width - 2, 0)))
        j = min(np.int32(v), np.int32(max(height - 2, 0)))
        across[x], along[x] = u - np.float32(i), v - np.float32(j)
        where[x] = min(max(np.int32(j * width) + i, np.int32(0)), last)


@njit(cache=True, nogil=True)
def _take(texels, where, width, a, b, c, d):
    size = texels.shape[0]
    step = np.uint64(width)
    one = np.uint64(1)
    last = np.uint64(size - 1)
    for x in range(where.shape[0]):
        at = np.uint64(where[x])
        a[x] = texels[at]
        b[x] = texels[min(at + one, last)]
        c[x] = texels[min(at + step, last)]
        d[x] = texels[min(at + step + one, last)]


@njit(cache=True, nogil=True, fastmath=FAST)
def _blend(a, b, c, d, across, along, out):
    for x in range(out.shape[0]):
        upper = a[x] + (b[x] - a[x]) * across[x]
        lower = c[x] + (d[x] - c[x]) * across[x]
        out[x] = upper + (lower - upper) * along[x]

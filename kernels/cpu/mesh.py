"""A face's mesh over the picture: values spread between its points, and drawings hung on it."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

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
    if min(texture.shape[1:]) < 2:  # so that every texel has a neighbour
        texture = np.pad(texture, ((0, 0), (0, 1), (0, 1)), "edge")
    texels = np.ascontiguousarray(texture)
    # Two texels side by side are one load.
    pairs: NDArray[np.uint64] = np.ndarray((texels.size - 1,), np.uint64, texels, strides=(4,))
    width = where.shape[2]
    floats = scratch.take("drape row", (2, width))
    places = scratch.take("drape row", (width,), np.int32)
    found = scratch.take("drape row", (2, width), np.uint64)
    _drape(pairs, texture.shape[1:], where[0], where[1], floats, places, found, out)


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
def _drape(pairs, size, right, down, floats, places, found, out):
    """Work row by row, as ``warp`` does and for the same reason."""
    height, width = size
    for y in range(out.shape[1]):
        _look(right[y], down[y], height, width, places, floats[0], floats[1])
        for k in range(out.shape[0]):
            _take(pairs, places, k * height * width, width, found[0], found[1])
            upper, lower = found[0].view(np.float32), found[1].view(np.float32)
            _mix(upper, lower, floats[0], floats[1], out[k, y])


@njit(cache=True, nogil=True, fastmath=FAST)
def _look(right, down, height, width, places, across, along):
    zero = np.float32(0)
    end, low = np.float32(width - 1), np.float32(height - 1)
    last = np.int32((height - 2) * width + width - 2)
    for x in range(places.shape[0]):
        u, v = min(max(right[x], zero), end), min(max(down[x], zero), low)
        # The last column and row are reached from the ones before: four texels are always there.
        i, j = min(np.int32(u), np.int32(width - 2)), min(np.int32(v), np.int32(height - 2))
        across[x], along[x] = u - np.float32(i), v - np.float32(j)
        places[x] = min(max(np.int32(j * width) + i, np.int32(0)), last)


@njit(cache=True, nogil=True)
def _take(pairs, places, first, width, upper, lower):
    start, step = np.uint64(first), np.uint64(width)
    for x in range(places.shape[0]):
        at = start + np.uint64(places[x])
        upper[x] = pairs[at]
        lower[x] = pairs[at + step]


@njit(cache=True, nogil=True, fastmath=FAST)
def _mix(upper, lower, across, along, out):
    for x in range(out.shape[0]):
        a, b, s = upper[2 * x], lower[2 * x], across[x]
        a += (upper[2 * x + 1] - a) * s
        b += (lower[2 * x + 1] - b) * s
        out[x] = a + (b - a) * along[x]

"""One plane of bytes seen through a turned rectangle, as quick as memory lets it."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from kernels.reference.crop import Bytes, Doubles

WIDEST = 1 << 14
"""Rows and columns of the largest plane; beyond, float32 would place samples a 500th off."""


def sample(plane: Bytes, transform: Doubles, out: Bytes) -> None:
    """Write into ``out`` what ``reference.crop_rgb`` makes of gray, its edge repeated outside.

    Rounded to whole levels. A row is done in three goes: where to look and how to mix for all its
    pixels at once, then the four bytes of each, then the mixing at once again. What a row will need
    is first touched in the order of memory: a camera's frame is new to the processor's caches, and
    bytes asked for along a slant come one by one, in three times the time.

    Args:
        plane: [H, W], each row's bytes one after another; at least 2x2.
        transform: [2, 3], from a pixel of ``out`` to one of ``plane``, by their middles.
        out: [h, w] to write into.

    Raises:
        ValueError: the plane is too small or too large, its rows are scattered, or the transform
            is not finite.
    """
    if not is_sampled(plane):
        raise ValueError(f"a plane of {plane.shape}, {plane.strides} bytes apart, is not sampled")
    way = np.ascontiguousarray(transform, np.float64)
    if not np.isfinite(way).all():
        raise ValueError(f"transform {transform} does not lead into a plane")
    _sample(plane, way, out, *_rooms(out.shape[1]))


def is_sampled(plane: Bytes) -> bool:
    """Tell whether ``sample`` takes the plane: neither tiny nor huge, and each row in one piece."""
    height, width = plane.shape
    return 2 <= height <= WIDEST and 2 <= width <= WIDEST and plane.strides[1] == 1


def _rooms(width: int) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
    return np.empty(width, np.int32), np.empty(width, np.int32), np.empty((2, width), np.float32)


def _load_two(typing, plane, offset):
    """Say how to load the two bytes at ``offset`` of ``plane`` as one number, the first lowest."""

    def generate(context, builder, signature, arguments):
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        base = builder.bitcast(array.data, ir.IntType(8).as_pointer())
        at = builder.bitcast(builder.gep(base, [arguments[1]]), ir.IntType(16).as_pointer())
        both = builder.load(at)
        both.align = 1
        return both

    return types.uint16(plane, types.int64), generate


_two: Any = intrinsic(_load_two)


@njit(cache=True, nogil=True, fastmath=True)
def _sample(plane, way, out, where, four, share):
    height, width = out.shape
    stride = np.int32(plane.strides[0])
    right, bottom = np.float32(plane.shape[1] - 1), np.float32(plane.shape[0] - 1)
    last_x, last_y = np.int32(plane.shape[1] - 2), np.int32(plane.shape[0] - 2)
    dx, dy = np.float32(way[0, 0]), np.float32(way[1, 0])
    first, end = _span(way[0], width, height, plane.shape[1])
    near, _ = _span(way[1], width, height, plane.shape[0])
    seen = 0
    for y in range(height):
        px = np.float32(way[0, 1] * y + way[0, 2])
        py = np.float32(way[1, 1] * y + way[1, 2])
        far = min(max(py, py + dy * np.float32(width - 1)) + np.float32(2), bottom + np.float32(1))
        while near < far:
            for column in range(first, end, 64):
                seen += plane[near, column]
            near += 1
        for x in range(width):
            fx = min(max(px + dx * np.float32(x), np.float32(0)), right)
            fy = min(max(py + dy * np.float32(x), np.float32(0)), bottom)
            column, row = min(np.int32(fx), last_x), min(np.int32(fy), last_y)
            where[x] = row * stride + column
            share[0, x], share[1, x] = fx - np.float32(column), fy - np.float32(row)
        for x in range(width):
            upper = np.int32(_two(plane, np.int64(where[x])))
            lower = np.int32(_two(plane, np.int64(where[x] + stride)))
            four[x] = upper | lower << np.int32(16)
        for x in range(width):
            a, b = np.float32(four[x] & 255), np.float32((four[x] >> 8) & 255)
            c, d = np.float32((four[x] >> 16) & 255), np.float32((four[x] >> 24) & 255)
            top, low = a + (b - a) * share[0, x], c + (d - c) * share[0, x]
            out[y, x] = np.uint8(np.int32(top + (low - top) * share[1, x] + np.float32(0.5)))
    return seen


@njit(cache=True, nogil=True)
def _span(row, width, height, size):
    """Return the first place looked at along an axis of the plane, and that after the last."""
    across, down = row[0] * (width - 1), row[1] * (height - 1)
    low = row[2] + min(across, 0.0) + min(down, 0.0)
    high = row[2] + max(across, 0.0) + max(down, 0.0)
    return int(min(max(low, 0.0), size - 1.0)), int(min(max(high + 2.0, 1.0), float(size)))

"""One pass from a camera's planes to a network's input, row by row, in loops that become SIMD.

Of each plane only the rectangle that the crop looks at is copied, the second and the third plane
into one: then two neighbours are a load of 16 bits in the first, of 32 in the two others. A row
goes through three loops, as in ``warp``: where each pixel comes from, fetching, mixing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from kernels.cpu.scratch import Scratch
from kernels.cpu.warp import FAST
from kernels.reference.colour import CAMERA, Colours
from kernels.reference.crop import Border, Bytes, Doubles, Floats, Norm, as_three, subsampling

FAR = 1e6
"""Frame coordinates beyond this are a mistake."""

Output = NDArray[np.float32] | NDArray[np.uint8]


def crop_rgb(
    planes: Sequence[Bytes],
    transform: Floats | Doubles,
    size: tuple[int, int],
    *,
    mean: Norm = 0.0,
    scale: Norm = 1 / 255,
    colours: Colours = CAMERA,
    border: Border = "edge",
    scratch: Scratch,
    out: Output | None = None,
) -> Output:
    """Do ``reference.crop_rgb``; its arguments are explained there.

    Args:
        scratch: room for the part of the planes that is looked at.
        out: [h, w, 3] to write into: float32, or bytes, which are rounded half up. It may be a
            view: with ``x = np.empty((3, h, w))``, ``x.transpose(1, 2, 0)`` fills a network's
            input channel by channel.

    Raises:
        ValueError: the transform is not finite or points far beyond any frame, or shapes do not
            belong together.
    """
    width, height = size
    if out is None:
        out = np.empty((height, width, 3), np.float32)
    kind = out.dtype.name
    if out.shape != (height, width, 3) or kind not in ("float32", "uint8"):
        raise ValueError(f"out is {kind} {out.shape}, not float32 {(height, width, 3)}")
    three = _three(planes)
    whole = kind == "uint8"
    change, dark = _change(len(planes), planes[0].ndim, colours, mean, scale, whole)
    ways = _ways(transform, size, *subsampling(three[1], three[0]))
    (pairs, first), (fours, second) = (
        _part(three[at:end], way, size, scratch)
        for (at, end), way in zip(((0, 1), (1, 3)), ways, strict=True)
    )
    floats = scratch.take("crop row", (6, width))
    ints = scratch.take("crop row", (5, width), np.uint32)
    twos = scratch.take("crop row", (2, width), np.uint16)
    channels = out.transpose(2, 0, 1)
    direct = channels.flags.c_contiguous
    parts = channels if direct else scratch.take("crop parts", (3, height, width), out.dtype)
    _crop(
        pairs, fours, np.array((first, second)), change, dark, border == "edge", floats, ints, twos,
        parts,
    )  # fmt: skip
    if not direct:
        _weave(parts, out)
    return out


def _three(planes: Sequence[Bytes]) -> tuple[Bytes, Bytes, Bytes]:
    if len(planes) == 3:
        if planes[1].shape != planes[2].shape:
            raise ValueError(f"planes of {planes[1].shape} and {planes[2].shape}")
        return planes[0], planes[1], planes[2]
    (only,) = planes
    return (only, only, only) if only.ndim == 2 else (only[..., 0], only[..., 1], only[..., 2])


@lru_cache(maxsize=32)
def _change(
    count: int, ndim: int, colours: Colours, mean: Norm, scale: Norm, whole: bool
) -> tuple[Floats, Floats]:
    """Return [3, 6], ``mean`` and ``scale`` folded in, and what is black in each plane.

    A row is a colour's share of each plane, what is added, and what 0 and 255 become; in front of
    ``whole`` numbers, which are cut off, a half is added to them.
    """
    nothing = [np.zeros((1, 1, 3)[:ndim], np.uint8)] * count
    _, change, dark = as_three(nothing, colours)
    by = np.broadcast_to(scale, 3)
    bounds = (np.array([[0.0], [255.0]]) - mean) * by
    folded = change * by[:, None]
    folded[:, 3] += bounds[0]
    bounds = np.sort(bounds, axis=0)
    if whole:
        folded[:, 3] += 0.5
        bounds = np.clip(bounds, 0, 255) + 0.5
    folded = np.concatenate([folded, bounds.T], axis=1)
    return folded.astype(np.float32), np.array(dark, np.float32)


_Line = tuple[float, float, float]


def _ways(
    transform: Floats | Doubles, size: tuple[int, int], sx: int, sy: int
) -> tuple[tuple[_Line, _Line], tuple[_Line, _Line]]:
    """Return the rows of the way through the first plane, and of that through the others."""
    (a, b, c), (d, e, f) = transform.tolist()
    reach = max(size) * (abs(a) + abs(b) + abs(d) + abs(e)) + abs(c) + abs(f)
    if not reach < FAR:  # nor is nan
        raise ValueError(f"transform {transform} does not lead into a frame")
    right, down = 0.5 / sx - 0.5, 0.5 / sy - 0.5
    smaller = (a / sx, b / sx, c / sx + right), (d / sy, e / sy, f / sy + down)
    return ((a, b, c), (d, e, f)), smaller


def _part(
    planes: Sequence[Bytes], way: tuple[_Line, _Line], size: tuple[int, int], scratch: Scratch
) -> tuple[NDArray[Any], list[list[float]]]:
    """Copy what the way leads through, out of one plane or interleaved out of two.

    Returns:
        neighbours in a row, seen as one number each, and two lines: the way within the copy, where
        the picture begins and ends there, and how large the copy is.
    """
    height, width = planes[0].shape
    left, columns = _reach(way[0], size, width)
    top, rows = _reach(way[1], size, height)
    lines = [
        [*way[0][:2], way[0][2] - left, -left, width - 1 - left, columns],
        [*way[1][:2], way[1][2] - top, -top, height - 1 - top, rows],
    ]
    if len(planes) == 1:
        one = scratch.take("crop first", (rows, columns), np.uint8)
        _copy(planes[0], top, left, one)
        return np.ndarray((one.size - 1,), np.uint16, one, strides=(1,)), lines
    two = scratch.take("crop others", (rows, columns), np.uint16)
    _interleave(planes[0], planes[1], top, left, two)
    return np.ndarray((two.size - 1,), np.uint32, two, strides=(2,)), lines


def _reach(line: _Line, size: tuple[int, int], limit: int) -> tuple[int, int]:
    """Return the first of a plane's samples that a way touches along one axis, and how many.

    They are two at least, the last of the plane repeated, so that all have a neighbour.
    """
    across, down = line[0] * (size[0] - 1), line[1] * (size[1] - 1)
    low = math.floor(line[2] + min(0.0, across) + min(0.0, down))
    high = math.floor(line[2] + max(0.0, across) + max(0.0, down)) + 1
    first = min(max(low, 0), limit - 1)
    return first, max(2, min(max(high, 0), limit - 1) - first + 1)


def _weave(parts: Output, out: Output) -> None:
    if out.flags.c_contiguous:
        cv2.merge(list(parts), out)  # faster than a compiled loop with steps of three
    else:
        np.copyto(out, parts.transpose(1, 2, 0))


@njit(cache=True, nogil=True)
def _copy(plane, top, left, out):
    height, width = plane.shape
    inside = min(out.shape[1], width - left)
    for y in range(out.shape[0]):
        row = plane[min(top + y, height - 1), left:]
        for x in range(inside):
            out[y, x] = row[x]
        for x in range(inside, out.shape[1]):
            out[y, x] = row[inside - 1]


@njit(cache=True, nogil=True)
def _interleave(second, third, top, left, out):
    height, width = second.shape
    inside = min(out.shape[1], width - left)
    for y in range(out.shape[0]):
        u, v = second[min(top + y, height - 1), left:], third[min(top + y, height - 1), left:]
        for x in range(inside):
            out[y, x] = np.uint16(u[x]) | (np.uint16(v[x]) << np.uint16(8))
        for x in range(inside, out.shape[1]):
            out[y, x] = out[y, inside - 1]


@njit(cache=True, nogil=True)
def _crop(pairs, fours, ways, change, dark, edge, floats, ints, twos, out):
    ax, ay, where = floats[0], floats[1], ints[4]
    i, j, k = floats[2], floats[3], floats[4]
    for y in range(out.shape[1]):
        _find(ways[0], y, where, ax, ay)
        _fetch(pairs, where, ways[0, 0, 5], twos[0], twos[1])
        _mix_one(twos[0], twos[1], ax, ay, i)
        if not edge:
            _cover(ways[0], y, floats[5])
            _darken(i, floats[5], dark[0])
        _find(ways[1], y, where, ax, ay)
        _fetch(fours, where, ways[1, 0, 5], ints[0], ints[1])
        _mix_two(ints[0], ints[1], ax, ay, j, k)
        if not edge:
            _cover(ways[1], y, floats[5])
            _darken(j, floats[5], dark[1])
            _darken(k, floats[5], dark[2])
        for c in range(3):
            # Out of the array, or each pixel that is written might have changed them.
            to = change[c]
            _colour(i, j, k, to[0], to[1], to[2], to[3], to[4], to[5], out[c, y])


@njit(cache=True, nogil=True, fastmath=FAST)
def _find(way, y, where, ax, ay):
    """Find each pixel's upper left neighbour, and how far behind it the pixel lies."""
    x0, dx = np.float32(way[0, 1] * y + way[0, 2]), np.float32(way[0, 0])
    y0, dy = np.float32(way[1, 1] * y + way[1, 2]), np.float32(way[1, 0])
    stride, zero = np.int32(way[0, 5]), np.float32(0)
    end, low = np.float32(way[0, 5] - 1), np.float32(way[1, 5] - 1)
    last_column, last_row = np.int32(way[0, 5] - 2), np.int32(way[1, 5] - 2)
    for x in range(where.shape[0]):
        step = np.float32(np.int32(x))
        u, v = min(max(x0 + dx * step, zero), end), min(max(y0 + dy * step, zero), low)
        column, row = min(np.int32(u), last_column), min(np.int32(v), last_row)
        ax[x], ay[x] = u - np.float32(column), v - np.float32(row)
        where[x] = row * stride + column


@njit(cache=True, nogil=True)
def _fetch(neighbours, where, stride, upper, lower):
    step = np.uint64(stride)
    for x in range(where.shape[0]):
        at = np.uint64(where[x])
        upper[x] = neighbours[at]
        lower[x] = neighbours[at + step]


@njit(cache=True, nogil=True, fastmath=FAST)
def _mix_one(upper, lower, ax, ay, out):
    for x in range(out.shape[0]):
        a, b = np.uint32(upper[x]), np.uint32(lower[x])
        out[x] = _between(a, a >> np.uint32(8), b, b >> np.uint32(8), ax[x], ay[x])


@njit(cache=True, nogil=True, fastmath=FAST)
def _mix_two(upper, lower, ax, ay, out, other):
    eight, sixteen, more = np.uint32(8), np.uint32(16), np.uint32(24)
    for x in range(out.shape[0]):
        a, b, s, t = upper[x], lower[x], ax[x], ay[x]
        out[x] = _between(a, a >> sixteen, b, b >> sixteen, s, t)
        other[x] = _between(a >> eight, a >> more, b >> eight, b >> more, s, t)


@njit(cache=True, nogil=True, fastmath=FAST)
def _between(a, b, c, d, s, t):
    """Interpolate between the lowest bytes of four numbers."""
    p, q = _byte(a), _byte(c)
    p += (_byte(b) - p) * s
    q += (_byte(d) - q) * s
    return p + (q - p) * t


@njit(cache=True, nogil=True, fastmath=FAST)
def _byte(number):
    return np.float32(np.int32(number & np.uint32(255)))


@njit(cache=True, nogil=True, fastmath=FAST)
def _cover(way, y, out):
    """Tell how much of each pixel's four neighbours lies within the picture."""
    x0, dx = np.float32(way[0, 1] * y + way[0, 2]), np.float32(way[0, 0])
    y0, dy = np.float32(way[1, 1] * y + way[1, 2]), np.float32(way[1, 0])
    left, right = np.float32(way[0, 3]), np.float32(way[0, 4])
    top, low = np.float32(way[1, 3]), np.float32(way[1, 4])
    zero, one = np.float32(0), np.float32(1)
    for x in range(out.shape[0]):
        step = np.float32(np.int32(x))
        u, v = x0 + dx * step, y0 + dy * step
        across = max(one - max(max(left - u, u - right), zero), zero)
        out[x] = across * max(one - max(max(top - v, v - low), zero), zero)


@njit(cache=True, nogil=True, fastmath=FAST)
def _darken(values, cover, dark):
    for x in range(values.shape[0]):
        values[x] = dark + (values[x] - dark) * cover[x]


@njit(cache=True, nogil=True, fastmath=FAST)
def _colour(i, j, k, of_i, of_j, of_k, more, least, most, out):
    for x in range(out.shape[0]):
        out[x] = min(max(of_i * i[x] + of_j * j[x] + of_k * k[x] + more, least), most)

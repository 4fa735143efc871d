"""One pass from a camera's planes to a network's input."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from kernels.reference.colour import CAMERA, Colours
from kernels.reference.crop import Border, Bytes, Floats, Norm, as_three, subsampling

FAR = 1e6
"""Frame coordinates beyond this are a mistake, and would overflow the counting below."""

_ONE = 1 << 22
"""One pixel in the fixed point of coordinates, whose first 11 bits behind it weigh neighbours."""


def crop_rgb(
    planes: Sequence[Bytes],
    transform: Floats,
    size: tuple[int, int],
    *,
    mean: Norm = 0.0,
    scale: Norm = 1 / 255,
    colours: Colours = CAMERA,
    border: Border = "edge",
    out: Floats | None = None,
) -> Floats:
    """Do ``reference.crop_rgb``; its arguments are explained there.

    Args:
        out: [h, w, 3] to write into. It may be a view: with ``x = np.empty((3, h, w))``,
            ``x.transpose(1, 2, 0)`` fills a network's input channel by channel.

    Raises:
        ValueError: the transform is not finite or points far beyond any frame, or shapes do not
            belong together.
    """
    width, height = size
    if out is None:
        out = np.empty((height, width, 3), np.float32)
    if out.shape != (height, width, 3) or out.dtype != np.float32:
        raise ValueError(f"out is {out.dtype} {out.shape}, not float32 {(height, width, 3)}")
    three = _three(planes)
    change, dark = _change(len(planes), planes[0].ndim, colours, mean, scale)
    steps = _steps(transform, size, *subsampling(three[1], three[0]))
    _crop(*three, steps, change, dark, border == "edge", out)
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
    count: int, ndim: int, colours: Colours, mean: Norm, scale: Norm
) -> tuple[Floats, NDArray[np.int32]]:
    """Return [3, 6], ``mean`` and ``scale`` folded in, and what is black in each plane.

    A row is a colour's share of each plane, what is added, and what 0 and 255 become.
    """
    nothing = [np.zeros((1, 1, 3)[:ndim], np.uint8)] * count
    _, change, dark = as_three(nothing, colours)
    by = np.broadcast_to(scale, 3)
    bounds = (np.array([[0.0], [255.0]]) - mean) * by
    folded = change * by[:, None]
    folded[:, 3] += bounds[0]
    folded = np.concatenate([folded, np.sort(bounds, axis=0).T], axis=1)
    return folded.astype(np.float32), np.array(dark, np.int32)


def _steps(transform: Floats, size: tuple[int, int], sx: int, sy: int) -> NDArray[np.int64]:
    """Return [2, 2, 3] in fixed point: the way through the first plane, and through the others."""
    (a, b, c), (d, e, f) = np.asarray(transform).tolist()
    reach = max(size) * (abs(a) + abs(b) + abs(d) + abs(e)) + abs(c) + abs(f)
    if not reach < FAR:  # nor is nan
        raise ValueError(f"transform {transform} does not lead into a frame")
    shift_x, shift_y = 0.5 / sx - 0.5, 0.5 / sy - 0.5
    rows = (a, b, c, d, e, f, a / sx, b / sx, c / sx + shift_x, d / sy, e / sy, f / sy + shift_y)
    return np.array([round(v * _ONE) for v in rows], np.int64).reshape(2, 2, 3)


@njit(cache=True, nogil=True, fastmath=True)
def _crop(first, second, third, steps, change, dark, edge, out):
    height, width = out.shape[:2]
    # Out of the arrays, or each pixel that is written might have changed them.
    red, green, blue = _row(change[0]), _row(change[1]), _row(change[2])
    mx, my, nx, ny = steps[0, 0, 0], steps[0, 1, 0], steps[1, 0, 0], steps[1, 1, 0]
    for y in range(height):
        px, py = steps[0, 0, 1] * y + steps[0, 0, 2], steps[0, 1, 1] * y + steps[0, 1, 2]
        qx, qy = steps[1, 0, 1] * y + steps[1, 0, 2], steps[1, 1, 1] * y + steps[1, 1, 2]
        a, b = _within(px, mx, first.shape[1], 0, width)
        a, b = _within(py, my, first.shape[0], a, b)
        a, b = _within(qx, nx, second.shape[1], a, b)
        a, b = _within(qy, ny, second.shape[0], a, b)
        a = min(a, width)
        b = max(a, b)
        for start, end in ((0, a), (b, width)):
            for x in range(start, end):
                i = _outer(first, px + mx * x, py + my * x, edge, dark[0])
                j = _outer(second, qx + nx * x, qy + ny * x, edge, dark[1])
                k = _outer(third, qx + nx * x, qy + ny * x, edge, dark[2])
                _put(out[y, x], i, j, k, red, green, blue)
        for x in range(a, b):
            i = _inner(first, px + mx * x, py + my * x)
            j = _inner(second, qx + nx * x, qy + ny * x)
            k = _inner(third, qx + nx * x, qy + ny * x)
            _put(out[y, x], i, j, k, red, green, blue)


@njit(cache=True, nogil=True)
def _row(of):
    return of[0], of[1], of[2], of[3], of[4], of[5]


@njit(cache=True, nogil=True)
def _within(start, step, size, first, last):
    """Narrow [first, last) to where start + step * x has both neighbours in [0, size)."""
    low, high = 0, ((size - 1) << 22) - 1
    if step == 0:
        return (first, last) if low <= start <= high else (0, 0)
    if step < 0:
        start, step, low, high = -start, -step, -high, -low
    return max(first, -((start - low) // step)), min(last, (high - start) // step + 1)


@njit(cache=True, nogil=True, fastmath=True)
def _put(pixel, i, j, k, red, green, blue):
    pixel[0] = min(max(red[0] * i + red[1] * j + red[2] * k + red[3], red[4]), red[5])
    pixel[1] = min(max(green[0] * i + green[1] * j + green[2] * k + green[3], green[4]), green[5])
    pixel[2] = min(max(blue[0] * i + blue[1] * j + blue[2] * k + blue[3], blue[4]), blue[5])


@njit(cache=True, nogil=True, fastmath=True)
def _inner(plane, x, y):
    # Unsigned, or numba would look for indices that count from the end.
    column, row, one = np.uint64(x >> 22), np.uint64(y >> 22), np.uint64(1)
    a, b = np.int32(plane[row, column]), np.int32(plane[row, column + one])
    c, d = np.int32(plane[row + one, column]), np.int32(plane[row + one, column + one])
    return _mixed(a, b, c, d, x, y)


@njit(cache=True, nogil=True, fastmath=True)
def _outer(plane, x, y, edge, dark):
    a = _at(plane, x >> 22, y >> 22, edge, dark)
    b = _at(plane, (x >> 22) + 1, y >> 22, edge, dark)
    c = _at(plane, x >> 22, (y >> 22) + 1, edge, dark)
    d = _at(plane, (x >> 22) + 1, (y >> 22) + 1, edge, dark)
    return _mixed(a, b, c, d, x, y)


@njit(cache=True, nogil=True, fastmath=True)
def _mixed(a, b, c, d, x, y):
    ax = np.int32((x >> 11) & 2047)
    ay = np.float32((y >> 11) & 2047) * np.float32(2.0**-11)
    top = (a << 11) + (b - a) * ax
    bottom = (c << 11) + (d - c) * ax
    return (np.float32(top) + np.float32(bottom - top) * ay) * np.float32(2.0**-11)


@njit(cache=True, nogil=True)
def _at(plane, x, y, edge, dark):
    if not edge and (x < 0 or y < 0 or x >= plane.shape[1] or y >= plane.shape[0]):
        return np.int32(dark)
    x = min(max(x, 0), plane.shape[1] - 1)
    y = min(max(y, 0), plane.shape[0] - 1)
    return np.int32(plane[np.uint64(y), np.uint64(x)])

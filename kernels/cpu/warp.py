"""Moving pixels by a field of shifts: row by row, in loops that a compiler turns into SIMD.

A row goes through three: where each pixel comes from, fetching what lies there, mixing it. Only the
fetching cannot be done for many pixels at once, and that is why it is a loop of its own. Its four
neighbours in a row are one load of 32 bits.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from kernels.cpu.scratch import Scratch
from kernels.reference.warp import Bytes, Floats

PAD = 3
"""Copies of the outermost pixel around the picture, for neighbours that lie outside."""


FAST = {"reassoc", "contract", "nsz", "arcp"}
"""All of fast arithmetic, but for the promise that there is no nan."""


def warp(
    pixels: Bytes, shift: Floats, *, sharp: bool, scratch: Scratch, out: Bytes | None = None
) -> Bytes:
    """Do ``reference.warp`` into ``out``, which may be ``pixels`` itself.

    Raises:
        ValueError: shapes do not belong together.
    """
    if out is None:
        out = np.empty_like(pixels)
    if out.shape != pixels.shape or shift.shape != (2, *pixels.shape[:2]):
        raise ValueError(f"pixels {pixels.shape}, shift {shift.shape} and out {out.shape} differ")
    height, width = pixels.shape[:2]
    padded = scratch.take("warp padded", (height + 2 * PAD, width + 2 * PAD), np.uint8)
    count = padded.size - PAD
    fours: NDArray[np.uint32] = np.ndarray((count,), np.uint32, padded, strides=(1,))
    floats = scratch.take("warp row", (2, width))
    ints = scratch.take("warp row", (5, width), np.uint32)
    for part, to in _channels(pixels, out):
        _pad(part, padded)
        _warp(fours, padded.shape[1], shift[0], shift[1], sharp, floats, ints, to)
    return out


def _channels(pixels: Bytes, out: Bytes) -> list[tuple[Bytes, Bytes]]:
    if pixels.ndim == 2:
        return [(pixels, out)]
    return [(pixels[..., c], out[..., c]) for c in range(pixels.shape[2])]


@njit(cache=True, nogil=True)
def _pad(pixels, padded):
    height, width = pixels.shape
    for y in range(padded.shape[0]):
        row = pixels[min(max(y - PAD, 0), height - 1)]
        for x in range(width):
            padded[y, x + PAD] = row[x]
        for x in range(PAD):
            padded[y, x] = row[0]
            padded[y, width + PAD + x] = row[width - 1]


@njit(cache=True, nogil=True)
def _warp(fours, stride, right, down, sharp, floats, ints, out):
    height = out.shape[0]
    last = fours.shape[0] - 3 * stride - 1
    ax, ay, where = floats[0], floats[1], ints[4]
    for y in range(height):
        _find(right[y], down[y], y, height, stride, last, where, ax, ay)
        if sharp:
            _fetch(fours, where, stride, ints[0], ints[1], ints[2], ints[3])
            _mix_cubic(ints[0], ints[1], ints[2], ints[3], ax, ay, out[y])
        else:
            _fetch_middle(fours, where, stride, ints[1], ints[2])
            _mix_linear(ints[1], ints[2], ax, ay, out[y])


@njit(cache=True, nogil=True, fastmath=FAST)
def _find(right, down, y, height, stride, last, where, ax, ay):
    """Find the first of the 4 by 4 neighbours of each pixel's source, and how far on that lies."""
    width = right.shape[0]
    top, low = np.float32(y + PAD), np.float32(height + PAD)
    end = np.float32(width + PAD)
    start = np.float32(PAD - 1)
    for x in range(width):
        fx = np.float32(np.int32(x + PAD)) + right[x]
        fy = top + down[x]
        fx = min(max(fx, start), end)
        fy = min(max(fy, start), low)
        ix, iy = np.int32(fx), np.int32(fy)
        ax[x], ay[x] = fx - np.float32(ix), fy - np.float32(iy)
        # Whatever a broken shift holds, no memory but the picture's is read.
        at = np.int32(iy * stride) + ix - np.int32(stride + 1)
        where[x] = min(max(at, 0), last)


@njit(cache=True, nogil=True)
def _fetch(fours, where, stride, a, b, c, d):
    step = np.uint64(stride)
    for x in range(where.shape[0]):
        at = np.uint64(where[x])
        a[x] = fours[at]
        at += step
        b[x] = fours[at]
        at += step
        c[x] = fours[at]
        at += step
        d[x] = fours[at]


@njit(cache=True, nogil=True)
def _fetch_middle(fours, where, stride, b, c):
    step = np.uint64(stride)
    for x in range(where.shape[0]):
        at = np.uint64(where[x]) + step
        b[x] = fours[at]
        c[x] = fours[at + step]


@njit(cache=True, nogil=True, fastmath=True)
def _mix_cubic(a, b, c, d, ax, ay, out):
    """Catmull and Rom's family at -0.75, as OpenCV has it: a little crisper than at -0.5."""
    k, one, half = np.float32(-0.75), np.float32(1), np.float32(0.5)
    bend, rise = np.float32(1.25), np.float32(2.25)
    for x in range(out.shape[0]):
        s, t = ax[x], ay[x]
        x0, x3 = k * s * (one - s) * (one - s), k * (one - s) * s * s
        x1 = one - s * s * (rise - bend * s)
        x2 = one - x0 - x1 - x3
        y0, y3 = k * t * (one - t) * (one - t), k * (one - t) * t * t
        y1 = one - t * t * (rise - bend * t)
        y2 = one - y0 - y1 - y3
        value = (
            _four(a[x], x0, x1, x2, x3) * y0
            + _four(b[x], x0, x1, x2, x3) * y1
            + _four(c[x], x0, x1, x2, x3) * y2
            + _four(d[x], x0, x1, x2, x3) * y3
        )
        out[x] = np.uint8(np.int32(min(max(value, np.float32(0)), np.float32(255)) + half))


@njit(cache=True, nogil=True, fastmath=True)
def _mix_linear(b, c, ax, ay, out):
    one, half = np.float32(1), np.float32(0.5)
    for x in range(out.shape[0]):
        s, t = ax[x], ay[x]
        upper = _byte(b[x], 8) * (one - s) + _byte(b[x], 16) * s
        lower = _byte(c[x], 8) * (one - s) + _byte(c[x], 16) * s
        out[x] = np.uint8(np.int32(upper * (one - t) + lower * t + half))


@njit(cache=True, nogil=True, fastmath=True)
def _four(pixels, w0, w1, w2, w3):
    return (
        _byte(pixels, 0) * w0 + _byte(pixels, 8) * w1 + _byte(pixels, 16) * w2
        + _byte(pixels, 24) * w3
    )  # fmt: skip


@njit(cache=True, nogil=True, fastmath=True)
def _byte(pixels, shift):
    """Return one of four neighbours that were loaded at once; the first is in the lowest bits."""
    return np.float32(np.int32((pixels >> np.uint32(shift)) & np.uint32(255)))

"""From red, green and blue to luma and chroma, as encoders take them."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numba import njit

from kernels.cpu.scratch import Scratch
from kernels.reference.colour import CAMERA, Colours
from kernels.reference.crop import Bytes, Floats
from kernels.reference.yuv import Planes, place, to_yuv_matrix


def to_yuv420(
    rgb: Bytes,
    colours: Colours = CAMERA,
    *,
    scratch: Scratch,
    at: tuple[int, int] = (0, 0),
    out: Planes | None = None,
) -> Planes:
    """Do ``reference.to_yuv420``; its arguments are explained there.

    Args:
        scratch: room for the three colours.
    """
    height, width = rgb.shape[:2]
    half = (-(-height // 2), -(-width // 2))
    if out is None:
        out = (
            np.empty((height, width), np.uint8),
            np.empty(half, np.uint8),
            np.empty(half, np.uint8),
        )
    part = place(out, at, rgb.shape)
    # OpenCV parts the three colours faster than a compiled loop with steps of three.
    parts = scratch.take("yuv parts", (3, height, width), np.uint8)
    cv2.split(rgb, list(parts))
    sums = scratch.take("yuv sums", (width,), np.uint16)
    row = scratch.take("yuv row", (3, half[1]), np.uint16)
    _to_yuv(parts[0], parts[1], parts[2], _matrix(colours), sums, row, *part)
    return out


@lru_cache(maxsize=8)
def _matrix(colours: Colours) -> Floats:
    change = to_yuv_matrix(colours)
    change[1:, :3] /= 4  # chroma is given the sums of four pixels
    return change.astype(np.float32)


@njit(cache=True, nogil=True)
def _to_yuv(red, green, blue, change, sums, row, luma, u, v):
    height = luma.shape[0]
    for y in range(height):
        _mix(red[y], green[y], blue[y], change[0], luma[y])
    for y in range(u.shape[0]):
        upper, lower = 2 * y, min(2 * y + 1, height - 1)
        _quarter(red[upper], red[lower], sums, row[0])
        _quarter(green[upper], green[lower], sums, row[1])
        _quarter(blue[upper], blue[lower], sums, row[2])
        _mix(row[0], row[1], row[2], change[1], u[y])
        _mix(row[0], row[1], row[2], change[2], v[y])


@njit(cache=True, nogil=True, fastmath=True)
def _mix(red, green, blue, change, out):
    r, g, b, more = change[0], change[1], change[2], change[3] + np.float32(0.5)
    zero, most = np.float32(0), np.float32(255)
    for x in range(out.shape[0]):
        value = (
            np.float32(np.int32(red[x])) * r
            + np.float32(np.int32(green[x])) * g
            + np.float32(np.int32(blue[x])) * b
            + more
        )
        out[x] = np.uint8(np.int32(min(max(value, zero), most)))


@njit(cache=True, nogil=True)
def _quarter(upper, lower, sums, out):
    """Sum four pixels; the last column, where it stands alone, counts twice."""
    width = sums.shape[0]
    for x in range(width):
        sums[x] = np.uint16(upper[x]) + np.uint16(lower[x])
    for x in range(width // 2):
        out[x] = sums[2 * x] + sums[2 * x + 1]
    if width % 2:
        out[width // 2] = 2 * sums[width - 1]

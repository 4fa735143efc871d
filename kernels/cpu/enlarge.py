"""Laying a coarse field over finer pixels: first each row is stretched, then rows are mixed.

Only the stretching has to fetch sample by sample, and there are as few rows to stretch as the field
has; all else is a loop over neighbours that becomes SIMD.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from kernels.cpu.scratch import Scratch
from kernels.reference.enlarge import Floats, Line


def enlarge(
    fields: Floats,
    across: Line,
    down: Line,
    size: tuple[int, int],
    *,
    scratch: Scratch,
    out: Floats | None = None,
) -> Floats:
    """Do ``reference.enlarge`` into ``out`` [C, h, w].

    Raises:
        ValueError: shapes do not belong together.
    """
    width, height = size
    wanted = (len(fields), height, width)
    if out is None:
        out = np.empty(wanted, np.float32)
    if fields.ndim != 3 or out.shape != wanted:
        raise ValueError(f"fields {fields.shape}, size {size} and out {out.shape} differ")
    stretched = scratch.take("enlarge rows", (fields.shape[1], width))
    _enlarge(fields, *across, *down, stretched, out)
    return out


@njit(cache=True, nogil=True, fastmath=True)
def _enlarge(fields, left, right, top, low, stretched, out):
    channels, rows, columns = fields.shape
    height, width = out.shape[1:]
    first, _ = _place(top, low, 0, rows)
    last = min(_place(top, low, height - 1, rows)[0] + 2, rows)
    for c in range(channels):
        for x in range(width):
            at, share = _place(left, right, x, columns)
            after = min(at + 1, columns - 1)
            for y in range(first, last):
                a = fields[c, y, at]
                stretched[y, x] = a + (fields[c, y, after] - a) * share
        for y in range(height):
            at, share = _place(top, low, y, rows)
            _mix(stretched[at], stretched[min(at + 1, rows - 1)], share, out[c, y])


@njit(cache=True, nogil=True)
def _place(first, step, number, count):
    """Return the sample before a pixel, and how far on the pixel lies."""
    at = min(max(first + step * number, 0.0), count - 1.0)
    before = int(at)
    return before, np.float32(at - before)


@njit(cache=True, nogil=True, fastmath=True)
def _mix(upper, lower, share, out):
    for x in range(out.shape[0]):
        out[x] = upper[x] + (lower[x] - upper[x]) * share

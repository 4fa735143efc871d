"""Colour that changes with the light."""

from __future__ import annotations

import numpy as np
from numba import njit

from kernels.reference.flush import GREY
from kernels.reference.relight import Bytes, Floats


def flush(
    chroma: Bytes, luma: Bytes, gain: Floats, tone: float, black: int, out: Bytes | None = None
) -> None:
    """Do ``reference.flush`` into ``out``, or in place.

    Raises:
        ValueError: shapes do not belong together.
    """
    out = chroma if out is None else out
    if not chroma.shape == luma.shape == gain.shape == out.shape:
        raise ValueError(f"chroma {chroma.shape}, luma {luma.shape} and gain {gain.shape} differ")
    _flush(chroma, luma, gain, np.float32(tone), np.float32(black), out)


@njit(cache=True, nogil=True)
def _flush(chroma, luma, gain, tone, black, out):
    zero, most, half = np.float32(0), np.float32(255), np.float32(0.5)
    grey = np.float32(GREY)
    for y in range(chroma.shape[0]):
        for x in range(chroma.shape[1]):
            light = np.float32(np.int32(luma[y, x])) - black
            c = np.float32(np.int32(chroma[y, x]))
            value = c + gain[y, x] * (c - grey - tone * light)
            out[y, x] = np.uint8(np.int32(min(max(value, zero), most) + half))

"""Light that changes, and lines that deepen."""

from __future__ import annotations

import numpy as np
from numba import njit

from kernels.reference.relight import TINT, Bytes, Floats


def relight(
    pixels: Bytes, soft: Bytes, light: Floats, black: int, out: Bytes | None = None
) -> None:
    """Do ``reference.relight`` into ``out``, or in place.

    Raises:
        ValueError: shapes do not belong together.
    """
    out = pixels if out is None else out
    if not pixels.shape == soft.shape == out.shape or light.shape != (2, *pixels.shape[:2]):
        raise ValueError(f"pixels {pixels.shape}, soft {soft.shape} and light {light.shape} differ")
    if pixels.ndim == 2:
        _relight(pixels, soft, light[0], light[1], np.float32(black), np.float32(1), out)
        return
    for c, tint in enumerate(TINT):
        _relight(
            pixels[..., c], soft[..., c], light[0], light[1], np.float32(black), np.float32(tint),
            out[..., c],
        )  # fmt: skip


@njit(cache=True, nogil=True)
def _relight(pixels, soft, gain, crisp, black, tint, out):
    # No light gives back the very same value, so that no test of it need stop the row.
    zero, most, half = np.float32(0), np.float32(255), np.float32(0.5)
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            p = np.float32(np.int32(pixels[y, x]))
            line = min(zero, p - np.float32(np.int32(soft[y, x])))
            value = p + crisp[y, x] * line + gain[y, x] * tint * (p - black)
            out[y, x] = np.uint8(np.int32(min(max(value, zero), most) + half))

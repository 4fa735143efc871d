"""From red, green and blue to luma and chroma, as encoders take them."""

from __future__ import annotations

import numpy as np

from kernels.reference.colour import CAMERA, Colours, to_rgb_matrix
from kernels.reference.crop import Bytes, Doubles

Planes = tuple[Bytes, Bytes, Bytes]


def to_yuv420(rgb: Bytes, colours: Colours = CAMERA) -> Planes:
    """Return (Y, U, V) of [H, W, 3]; U and V are half as wide and high, rounded up.

    Chroma is that of the mean of the 2 by 2 pixels that it covers; where the picture ends within
    them, of those that there are. All are rounded half up.
    """
    change = to_yuv_matrix(colours)
    full = rgb.astype(np.float64)
    height, width = rgb.shape[:2]
    even = np.pad(full, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    quarter = (even[::2, ::2] + even[::2, 1::2] + even[1::2, ::2] + even[1::2, 1::2]) / 4
    luma = full @ change[0, :3] + change[0, 3]
    u, v = np.moveaxis(quarter @ change[1:, :3].T + change[1:, 3], -1, 0)
    return _rounded(luma), _rounded(u), _rounded(v)


def to_yuv_matrix(colours: Colours) -> Doubles:
    """Return [3, 4]: (Y, U, V) are the first three columns times RGB of 0..255, plus the fourth."""
    there = to_rgb_matrix(colours)
    back = np.linalg.inv(there[:, :3])
    return np.concatenate([back, -back @ there[:, 3:]], axis=1)


def _rounded(values: Doubles) -> Bytes:
    return np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8)

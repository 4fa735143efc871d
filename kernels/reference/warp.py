"""Moving pixels by a field of shifts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Bytes = NDArray[np.uint8]

CUBIC = -0.75
"""The cubic kernel's slope at its neighbours, as OpenCV has it: a little crisper than -0.5."""


def warp(pixels: Bytes, shift: Floats, *, sharp: bool) -> Bytes:
    """Return what lies ``shift`` away from each pixel, rounded half up and clipped.

    A shift that fades to zero towards its edge leaves no seam: where it is zero, the pixel stays
    exactly what it was.

    Args:
        pixels: [H, W] or [H, W, C]; beyond its edge lies the edge, repeated.
        shift: [2, H, W]: how far to the right and how far down, in pixels.
        sharp: look at 4 by 4 neighbours (cubic) rather than at 2 by 2 (linear).
    """
    height, width = pixels.shape[:2]
    x = np.arange(width)[None, :] + np.clip(shift[0].astype(np.float64), -2 * width, 2 * width)
    y = np.arange(height)[:, None] + np.clip(shift[1].astype(np.float64), -2 * height, 2 * height)
    left: Doubles = np.floor(x)
    top: Doubles = np.floor(y)
    weights_x = _weights(x - left, sharp)
    weights_y = _weights(y - top, sharp)
    out = np.zeros(pixels.shape)
    for j, wy in weights_y.items():
        rows = np.clip(top + j, 0, height - 1).astype(np.intp)
        for i, wx in weights_x.items():
            columns = np.clip(left + i, 0, width - 1).astype(np.intp)
            share = (wy * wx).reshape(height, width, *(1,) * (pixels.ndim - 2))
            out += share * pixels[rows, columns]
    return np.clip(np.floor(out + 0.5), 0, 255).astype(np.uint8)


def _weights(t: Doubles, sharp: bool) -> dict[int, Doubles]:
    """Return each neighbour's share, for a place that lies ``t`` behind neighbour 0."""
    if not sharp:
        return {0: 1 - t, 1: t}
    first, last = CUBIC * t * (1 - t) ** 2, CUBIC * (1 - t) * t**2
    near = (CUBIC + 2) * t**3 - (CUBIC + 3) * t**2 + 1
    return {-1: first, 0: near, 1: 1 - first - near - last, 2: last}

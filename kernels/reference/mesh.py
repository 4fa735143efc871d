"""A face's mesh over the picture: values spread between its points, and light that changes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]


def rasterise(vertices: Floats, triangles: Ints, values: Floats, height: int, width: int) -> Floats:
    """Spread per-vertex values over a grid of samples.

    Args:
        vertices: [V, 2] x and y in grid units; sample (row, column) lies at y=row, x=column.
        triangles: [T, 3] indices into ``vertices``; where two overlap, the later one wins.
        values: [V, C] what each vertex carries.
        height: rows of the grid.
        width: columns of the grid.

    Returns:
        [height, width, C]: linear inside each triangle, zero outside all of them.
    """
    out = np.zeros((height, width, values.shape[1]), np.float32)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    for a, b, c in triangles:
        (ax, ay), (bx, by), (cx, cy) = (vertices[i].astype(np.float64) for i in (a, b, c))
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if abs(area) < 1e-9:
            continue
        wb = ((columns - ax) * (cy - ay) - (cx - ax) * (rows - ay)) / area
        wc = ((bx - ax) * (rows - ay) - (columns - ax) * (by - ay)) / area
        wa = 1 - wb - wc
        inside = (wa >= 0) & (wb >= 0) & (wc >= 0)
        out[inside] = (
            wa[..., None] * values[a] + wb[..., None] * values[b] + wc[..., None] * values[c]
        )[inside]
    return out


TINT = (0.8, 1.0, 1.15)
"""How much of a gain red, green and blue take: skin in shade turns redder, as it does in life."""


def relight(pixels: Bytes, soft: Bytes, light: Floats, black: int) -> Bytes:
    """Change the light and deepen fine detail.

    ``pixel + crisp * min(0, pixel - soft) + gain * tint * (pixel - black)``, rounded half up and
    clipped: dark lines deepen, highlights and pores do not sparkle.

    Args:
        pixels: [H, W] luma or gray, or [H, W, 3] RGB; ``tint`` is 1 for luma and ``TINT`` for RGB.
        soft: the same picture blurred.
        light: [H, W, 2]: gain and crisp; (0, 0) leaves a pixel exactly as it is.
        black: the value that no gain changes: 0, or 16 for luma of limited range.
    """
    gain, crisp = light[..., 0], light[..., 1]
    if pixels.ndim == 3:
        gain, crisp = gain[..., None] * np.array(TINT, np.float32), crisp[..., None]
    p = pixels.astype(np.float32)
    value = p + crisp * np.minimum(0, p - soft) + gain * (p - black)
    return np.clip(np.floor(value + 0.5), 0, 255).astype(np.uint8)

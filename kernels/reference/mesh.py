"""A face's mesh over the picture: values spread between its points, and drawings hung on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


def rasterise(vertices: Floats, triangles: Ints, values: Floats, height: int, width: int) -> Floats:
    """Spread per-vertex values over a grid of samples.

    Args:
        vertices: [V, 2] x and y in grid units; sample (row, column) lies at y=row, x=column.
        triangles: [T, 3] indices into ``vertices``; where two overlap, the later one wins.
        values: [V, C] what each vertex carries.
        height: rows of the grid.
        width: columns of the grid.

    Returns:
        [C, height, width]: linear inside each triangle, zero outside all of them.
    """
    out = np.zeros((values.shape[1], height, width), np.float32)
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
        shares = np.stack([wa, wb, wc])[:, inside]
        out[:, inside] = values[[a, b, c]].T @ shares
    return out


def drape(texture: Floats, where: Floats) -> Floats:
    """Look up a drawing at each sample's own place in it, linearly; beyond its edge lies the edge.

    Args:
        texture: [C, h, w].
        where: [2, H, W]: column and row of ``texture``.

    Returns:
        [C, H, W]. Where a rasterised ``where`` is empty, it is what the drawing's corner holds.
    """
    height, width = texture.shape[1:]
    x = np.clip(where[0].astype(np.float64), 0, width - 1)
    y = np.clip(where[1].astype(np.float64), 0, height - 1)
    left, top = x.astype(np.intp), y.astype(np.intp)
    right, low = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    s, t = x - left, y - top
    upper = texture[:, top, left] * (1 - s) + texture[:, top, right] * s
    lower = texture[:, low, left] * (1 - s) + texture[:, low, right] * s
    return (upper * (1 - t) + lower * t).astype(np.float32)

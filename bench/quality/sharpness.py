"""How sharp a picture looks: CPBD, the share of edges whose blur nobody would see.

Narvekar and Karam, "A No-Reference Image Blur Metric Based on the Cumulative Probability of Blur
Detection", IEEE Transactions on Image Processing 20(9), 2011. An edge's width is Marziliano's: from
the extremum of light on its one side to that on the other, along the row.
"""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.quality.judges import Floats, Pixels, square

BLOCK = 64
EDGES = 0.002
"""Share of a block's pixels that must be edges for it to count."""
CONTRAST = 50
JUST_NOTICEABLE = (5, 3)
"""Width in pixels of a blur that is just seen, in blocks of contrast up to 50, and above."""
BETA = 3.6
UNSEEN = 0.63
"""Probability of a just noticeable blur."""

FACE = 192
"""Pixels across the face in which it is measured: three blocks, and no finer than a webcam's."""


def cpbd(grey: Pixels) -> float | None:
    """Return 0 (all blurred) to 1 (all sharp) of [H, W]; None where there are no edges."""
    light = grey.astype(np.int32)
    edges = _edges(grey)
    widths = _widths(light, edges)
    probabilities: list[NDArray[np.float64]] = []
    for top in range(0, grey.shape[0] - BLOCK + 1, BLOCK):
        for left in range(0, grey.shape[1] - BLOCK + 1, BLOCK):
            part = slice(top, top + BLOCK), slice(left, left + BLOCK)
            if edges[part].sum() <= EDGES * BLOCK * BLOCK:
                continue
            here = widths[part]
            here = here[here > 0]
            low, high = JUST_NOTICEABLE
            noticeable = low if int(np.ptp(light[part])) <= CONTRAST else high
            share = here.astype(np.float64) / noticeable
            probabilities.append(np.asarray(1 - np.exp(-np.power(share, BETA)), np.float64))
    every = np.concatenate(probabilities) if probabilities else np.zeros(0)
    return float((every <= UNSEEN).mean()) if len(every) else None


def face_sharpness(rgb: Pixels, points: Floats) -> float | None:
    """Return the CPBD of the square around a face."""
    grey = cast("Pixels", cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))
    return cpbd(cast("Pixels", square(grey, points, (1.0, 0.0), FACE)))


def _edges(grey: Pixels) -> NDArray[np.bool_]:
    """Return where a vertical edge stands: Sobel, thinned along the row."""
    slope = np.abs(np.asarray(cv2.Sobel(grey, cv2.CV_32F, 1, 0), np.float32))
    threshold = 2 * float(np.sqrt((slope**2).mean()))
    strong: NDArray[np.bool_] = slope > threshold
    strong[:, 1:-1] &= (slope[:, 1:-1] >= slope[:, :-2]) & (slope[:, 1:-1] > slope[:, 2:])
    strong[:, [0, -1]] = False
    return strong


def _widths(light: NDArray[np.int32], edges: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return each edge's width in pixels, 0 elsewhere."""
    out = np.zeros(light.shape, np.int32)
    for y, x in np.argwhere(edges):
        row = light[y]
        rising = 1 if row[x + 1] > row[x - 1] else -1
        left, right = int(x), int(x)
        while left > 0 and rising * (row[left] - row[left - 1]) > 0:
            left -= 1
        while right < len(row) - 1 and rising * (row[right + 1] - row[right]) > 0:
            right += 1
        out[y, x] = right - left
    return out

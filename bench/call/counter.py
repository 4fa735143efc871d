"""A number in the corner of a picture, in blocks so coarse that any video codec keeps them."""

from __future__ import annotations

import numpy as np

from realtime.types import Pixels

BITS = 12
BLOCK = 20
"""Columns and rows of a block; there is one for each bit, and below it its opposite."""

WIDTH, HEIGHT = BITS * BLOCK, 2 * BLOCK
BLACK, WHITE = 16, 235


def draw(luma: Pixels, number: int) -> None:
    """Write ``number`` into the top left corner of ``luma``, in place."""
    for bit in range(BITS):
        level = (WHITE, BLACK) if number >> bit & 1 else (BLACK, WHITE)
        columns = slice(bit * BLOCK, (bit + 1) * BLOCK)
        luma[:BLOCK, columns], luma[BLOCK:HEIGHT, columns] = level


def read(luma: Pixels) -> int | None:
    """Return the number; None where a block and its opposite do not differ clearly."""
    inner = slice(BLOCK // 4, -BLOCK // 4)
    blocks = luma[:HEIGHT, :WIDTH].reshape(2, BLOCK, BITS, BLOCK)[:, inner, :, inner]
    levels = blocks.astype(np.float32).mean(axis=(1, 3))
    difference = levels[0] - levels[1]
    if np.abs(difference).min() < (WHITE - BLACK) / 3:
        return None
    return sum(1 << bit for bit in range(BITS) if difference[bit] > 0)

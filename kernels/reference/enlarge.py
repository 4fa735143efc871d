"""A coarse field laid over finer pixels that stand in the same directions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

Line = tuple[float, float]
"""Where the first pixel lies among the field's samples, and how far on the next one does."""


def enlarge(fields: Floats, across: Line, down: Line, size: tuple[int, int]) -> Floats:
    """Return [C, h, w] of ``fields`` [C, H, W], bilinearly; beyond them their edge goes on.

    Args:
        fields: samples; whole numbers are their middles.
        across: of the columns.
        down: of the rows.
        size: (w, h).
    """
    columns, rows = (
        np.clip(first + step * np.arange(count), 0, most - 1)
        for (first, step), count, most in zip(
            (across, down), size, fields.shape[:0:-1], strict=True
        )
    )
    exact = fields.astype(np.float64)
    return _along(_along(exact, rows, 1), columns, 2).astype(np.float32)


def _along(fields: NDArray[np.float64], at: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    low = np.floor(at).astype(np.intp)
    high = np.minimum(low + 1, fields.shape[axis] - 1)
    shape = [1, 1, 1]
    shape[axis] = len(at)
    share = (at - low).reshape(shape)
    return fields.take(low, axis) * (1 - share) + fields.take(high, axis) * share

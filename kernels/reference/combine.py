"""Weighted sums of layers, most of whose weights are zero."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def combine(weights: Floats, layers: Floats) -> Floats:
    """Return [N]: the sum of ``layers`` [K, N], each times its weight of ``weights`` [K]."""
    return (weights.astype(np.float64) @ layers.astype(np.float64)).astype(np.float32)

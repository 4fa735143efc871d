"""Weighted sums of layers, most of whose weights are zero."""

from __future__ import annotations

import numpy as np
from numba import njit

from kernels.reference.combine import Floats


def combine(weights: Floats, layers: Floats, out: Floats) -> Floats:
    """Do ``reference.combine`` into ``out`` [N]; a layer whose weight is zero costs nothing.

    Raises:
        ValueError: shapes do not belong together.
    """
    if layers.shape != (*weights.shape, *out.shape) or layers.ndim != 2:
        raise ValueError(f"weights {weights.shape}, layers {layers.shape}, out {out.shape} differ")
    _combine(weights, layers, out)
    return out


@njit(cache=True, nogil=True, fastmath=True)
def _combine(weights, layers, out):
    zero = np.float32(0)
    for i in range(out.shape[0]):
        out[i] = zero
    for k in range(weights.shape[0]):
        weight = np.float32(weights[k])
        if weight != zero:
            for i in range(out.shape[0]):
                out[i] += weight * layers[k, i]

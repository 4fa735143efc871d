"""Colour that changes with the light."""

from __future__ import annotations

import numpy as np

from kernels.reference.relight import Bytes, Floats

FLUSH = (0.05, -0.11)
"""How much of what a gain does to luma Cb and Cr take: on skin the same as ``TINT``."""


def flush(chroma: Bytes, luma: Bytes, gain: Floats, share: float, black: int) -> Bytes:
    """Change the colour as light changes it.

    ``chroma + share * gain * (luma - black)``, rounded half up and clipped.

    Args:
        chroma: [H, W] Cb or Cr.
        luma: [H, W] beside each of its samples.
        gain: [H, W] of the light; 0 leaves a sample exactly as it is.
        share: of ``FLUSH``.
        black: the luma of no light at all.
    """
    value = chroma + np.float32(share) * gain * (luma.astype(np.float32) - black)
    return np.clip(np.floor(value + 0.5), 0, 255).astype(np.uint8)

"""Light that changes, and lines that deepen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

TINT = (0.8, 1.05, 1.25)
"""How much of a gain red, green and blue take: skin in shade turns redder, as it does in life."""


def relight(pixels: Bytes, soft: Bytes, light: Floats, black: int) -> Bytes:
    """Change the light and deepen fine detail.

    ``pixel + crisp * min(0, pixel - soft) + gain * tint * (pixel - black)``, rounded half up and
    clipped: dark lines deepen, highlights and pores do not sparkle.

    Args:
        pixels: [H, W] luma or gray, or [H, W, 3] RGB; ``tint`` is 1 for luma and ``TINT`` for RGB.
        soft: the same picture blurred.
        light: [2, H, W]: gain and crisp; (0, 0) leaves a pixel exactly as it is.
        black: the value that no gain changes: 0, or 16 for luma of limited range.
    """
    gain, crisp = light
    if pixels.ndim == 3:
        gain, crisp = gain[..., None] * np.array(TINT, np.float32), crisp[..., None]
    p = pixels.astype(np.float32)
    value = p + crisp * np.minimum(0, p - soft) + gain * (p - black)
    return np.clip(np.floor(value + 0.5), 0, 255).astype(np.uint8)

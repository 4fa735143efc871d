"""Colour that changes with the light."""

from __future__ import annotations

import numpy as np

from kernels.reference.relight import Bytes, Floats

TONE = (-0.12, 0.18)
"""What Cb and Cr of skin in shade are, as shares of its luma: what ``relight.TINT`` makes, too."""

GREY = 128
"""Chroma of no colour."""


def flush(chroma: Bytes, luma: Bytes, gain: Floats, tone: float, black: int) -> Bytes:
    """Change the colour as light changes it: what light is lost was of the colour of shade.

    ``chroma + gain * (chroma - GREY - tone * (luma - black))``, rounded half up and clipped. Pale
    skin turns redder in shade, and ruddy skin does not glow.

    Args:
        chroma: [H, W] Cb or Cr.
        luma: [H, W] beside each of its samples.
        gain: [H, W] of the light; 0 leaves a sample exactly as it is.
        tone: of ``TONE``.
        black: the luma of no light at all.
    """
    c = chroma.astype(np.float32)
    value = c + gain * (c - GREY - np.float32(tone) * (luma.astype(np.float32) - black))
    return np.clip(np.floor(value + 0.5), 0, 255).astype(np.uint8)

"""What keeps a held expression from being a mask: it swells, ebbs and is never quite even."""

from __future__ import annotations

import math

import numpy as np

from realtime.face.basis import ARKIT
from realtime.types import Floats

SWELL = ((0.11, 0.045, 0.0), (0.27, 0.03, 1.9))
"""Slow waves in an expression's strength: (Hz, size, phase)."""

UNEVEN = 0.04
"""How much stronger the left side of a face is than the mean of both (Borod et al., 1997)."""

_SIDES = np.array(
    [1 + UNEVEN * (n.endswith("Left") - n.endswith("Right")) for n in ARKIT], np.float32
)


def enliven(delta: Floats, now: int) -> Floats:
    """Return [52] coefficients as a living face would hold them at ``now`` (nanoseconds)."""
    t = now / 1e9
    swell = sum(size * math.sin(2 * math.pi * hz * t + phase) for hz, size, phase in SWELL)
    return delta * _SIDES * np.float32(1 + swell)

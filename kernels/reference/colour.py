"""Luma and chroma against red, green and blue: what the standards say, as one affine map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Matrix = Literal["bt601", "bt709"]

MATRICES: dict[str, tuple[float, float]] = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722)}
"""Share of red and of blue in luma (ITU-R BT.601 and BT.709); webcams use the first."""


@dataclass(frozen=True, slots=True)
class Colours:
    """How a picture's luma and chroma are meant.

    Attributes:
        full_range: all span 0..255; else luma lies in 16..235 and chroma in 16..240.
        matrix: whose weights made the luma.
    """

    full_range: bool = False
    matrix: Matrix = "bt601"

    @property
    def black(self) -> tuple[int, int, int]:
        """What black is in (Y, U, V)."""
        return (0 if self.full_range else 16, 128, 128)


CAMERA = Colours()
"""As cameras and calls have it: limited range, BT.601."""


def to_rgb_matrix(colours: Colours) -> NDArray[np.float64]:
    """Return [3, 4]: RGB of 0..255 are the first three columns times (Y, U, V), plus the fourth."""
    red, blue = MATRICES[colours.matrix]
    green = 1 - red - blue
    light, colour = (1.0, 1.0) if colours.full_range else (255 / 219, 255 / 224)
    r, b = 2 * (1 - red) * colour, 2 * (1 - blue) * colour
    g_u, g_v = -b * blue / green, -r * red / green
    out = np.array([[light, 0, r, 0], [light, g_u, g_v, 0], [light, b, 0, 0]])
    out[:, 3] = -out[:, :3] @ colours.black
    return out

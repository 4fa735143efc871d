"""The square of a picture in which a network sees a face, and the part of it that is masked.

All squares stand upright and lie about the middle of the landmarks. Their side is told in *faces*:
the longer side of the box around the landmarks, which spans forehead to chin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

Mask = Literal["half", "full"]
"""What the generator has to draw: the lower half of the square, or the whole face."""

KEPT = 1.5
"""Faces across the square that is kept of each picture: all that any network may ask for."""

KEPT_SIDE = 160
"""Its pixels."""

SEEN = 1.2
"""Faces across the square that the paper's networks see."""

STEADY = 5
"""Pictures over which the square's place and size are averaged, as Wav2Lip does."""


@dataclass(frozen=True, slots=True)
class Square:
    """An upright square in a picture.

    Attributes:
        x: its middle, pixels to the right; the middle of the first pixel is at 0.
        y: its middle, pixels down.
        side: its length in pixels.
    """

    x: float
    y: float
    side: float

    def matrix(self, size: int) -> NDArray[np.float64]:
        """Return [2, 3] from the picture's pixels to those of the square drawn ``size`` wide."""
        k = size / self.side
        middle = (size - 1) / 2
        return np.array([[k, 0, middle - k * self.x], [0, k, middle - k * self.y]])

    def cut(self, picture: NDArray[Any], size: int) -> NDArray[Any]:
        """Return [size, size, ...]; beyond the picture its outermost pixels go on."""
        matrix = self.matrix(size)
        if matrix[0, 0] < 0.75:
            picture, matrix = _softened(picture, matrix, size)
        flags, border = cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
        cut: Any = cv2.warpAffine(picture, matrix, (size, size), flags=flags, borderMode=border)
        return cast("NDArray[Any]", cut)

    def inside(self, points: Floats, size: int) -> Floats:
        """Return [n, 2] points of the picture in pixels of the square drawn ``size`` wide."""
        matrix = self.matrix(size)
        moved = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
        return moved.astype(np.float32)


def _softened(
    picture: NDArray[Any], matrix: NDArray[np.float64], size: int
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Blur the part that will be made smaller, so that its detail does not turn into noise."""
    k = float(matrix[0, 0])
    low = np.floor(-matrix[:, 2] / k - 2 / k).astype(int)
    high = np.ceil((size - matrix[:, 2]) / k + 2 / k).astype(int)
    height, width = picture.shape[:2]
    left, top = min(max(0, int(low[0])), width - 1), min(max(0, int(low[1])), height - 1)
    part = picture[top : max(top + 1, int(high[1])), left : max(left + 1, int(high[0]))]
    soft: Any = cv2.GaussianBlur(part, (0, 0), 0.35 / k)
    moved = matrix.copy()
    moved[:, 2] += matrix[:, :2] @ (left, top)
    return cast("NDArray[Any]", soft), moved


def square_of(points: Floats, faces: float = SEEN) -> Square:
    """Return the square around landmarks [n, 2 or 3], ``faces`` wide."""
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    middle = (low + high) / 2
    return Square(float(middle[0]), float(middle[1]), faces * float((high - low).max()))


def steadied(squares: list[Square | None]) -> list[Square | None]:
    """Average place and size over neighbours, but not across pictures without a face."""
    out: list[Square | None] = []
    for k, own in enumerate(squares):
        if own is None:
            out.append(None)
            continue
        near = [own]
        for step in (-1, 1):
            for j in range(k + step, k + step * (STEADY // 2 + 1), step):
                other = squares[j] if 0 <= j < len(squares) else None
                if other is None:
                    break
                near.append(other)
        x, y, side = np.mean([(s.x, s.y, s.side) for s in near], axis=0).tolist()
        out.append(Square(x, y, side))
    return out


def hidden(points: Floats, size: int, mask: Mask) -> NDArray[np.bool_]:
    """Return [size, size]: true where the generator may not see and has to draw.

    Args:
        points: [n, 2] landmarks in the square's own pixels.
        size: of the square.
        mask: ``half`` is Wav2Lip's; ``full`` is the convex hull of the face's outline, which
            Wav2Lip-Emotion adds (section 3.2), for emotion moves brows and cheeks too.
    """
    area = np.zeros((size, size), np.uint8)
    if mask == "half":
        area[size // 2 :] = 1
    else:
        hull: Any = cv2.convexHull(np.rint(points[:, :2]).astype(np.int32))
        cv2.fillConvexPoly(area, hull, (1,))
    return area.astype(bool)

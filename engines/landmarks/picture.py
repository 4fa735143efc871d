"""A picture that crops are taken from, in the layout in which it came.

Only what a network sees is turned into RGB: 192x192 pixels out of a frame of any size. A planar
YUV picture is sampled plane by plane, its chroma at half the crop's size, which OpenCV then
converts as it would a small I420 frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from engines.landmarks.region import Region
from kernels.cpu.sample import is_sampled, sample

Pixels = NDArray[np.uint8]
Matrix = NDArray[np.float64]

_HALVING = np.array([[2.0, 0.0, 0.5], [0.0, 2.0, 0.5], [0.0, 0.0, 1.0]])
"""From a pixel of a plane of half the size to the middle of the four that it stands for."""

_TO_LIMITED = np.rint(np.arange(256) * (219 / 255) + 16).astype(np.uint8)
_TO_LIMITED_CHROMA = np.rint((np.arange(256) - 128) * (224 / 255) + 128).astype(np.uint8)
_TO_FULL = np.clip(np.rint((np.arange(256) - 16) * (255 / 219)), 0, 255).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels on the host, never written to.

    Attributes:
        planes: (RGB,) as [H, W, 3]; (Y,) as [H, W]; or (Y, U, V) with U and V of that size or
            smaller by 2 in one direction or both. BT.601.
        full_range: luma spans 0..255 instead of 16..235; of no account for RGB.
    """

    planes: Sequence[Pixels]
    full_range: bool = True

    @property
    def width(self) -> int:
        """Columns."""
        return self.planes[0].shape[1]

    @property
    def height(self) -> int:
        """Rows."""
        return self.planes[0].shape[0]

    def crop(self, region: Region, size: int, out: Pixels, *, black_outside: bool = False) -> None:
        """Write the region as RGB into ``out``, [size, size, 3], sampled bilinearly.

        What lies outside the picture is black, or else as its nearest pixel is.
        """
        matrix = region.matrix(size)
        border = cv2.BORDER_CONSTANT if black_outside else cv2.BORDER_REPLICATE
        if self.planes[0].ndim == 3:
            _warp(self.planes[0], matrix, size, border, (0, 0, 0), out)
        elif len(self.planes) == 1:
            self._crop_gray(matrix, size, border, out)
        else:
            self._crop_yuv(matrix, size, border, out)

    def _crop_gray(self, matrix: Matrix, size: int, border: int, out: Pixels) -> None:
        black = 0 if self.full_range else 16
        luma = _warp(self.planes[0], matrix, size, border, (black,))
        if not self.full_range:
            luma = cv2.LUT(luma, _TO_FULL)
        cv2.cvtColor(luma, cv2.COLOR_GRAY2RGB, dst=out)

    def _crop_yuv(self, matrix: Matrix, size: int, border: int, out: Pixels) -> None:
        half = size // 2
        i420 = np.empty((size + half, size), np.uint8)
        luma = i420[:size]
        _warp(self.planes[0], matrix, size, border, (0 if self.full_range else 16,), luma)
        chroma = i420[size:].reshape(2, half, half)
        there = self._for_chroma(matrix, self.planes[1])
        for plane, part in zip(self.planes[1:], chroma, strict=True):
            _warp(plane, there, half, border, (128,), part)
        if self.full_range:
            luma[:] = cv2.LUT(luma, _TO_LIMITED)
            chroma[:] = cv2.LUT(chroma, _TO_LIMITED_CHROMA)
        cv2.cvtColor(i420, cv2.COLOR_YUV2RGB_I420, dst=out)

    def _for_chroma(self, matrix: Matrix, plane: Pixels) -> Matrix:
        """Return the matrix from a half-sized crop into a plane of chroma."""
        there = matrix @ _HALVING
        sub_x = 1 if plane.shape[1] == self.width else 2
        sub_y = 1 if plane.shape[0] == self.height else 2
        scale = np.array([[1 / sub_x], [1 / sub_y]])
        there = there * scale
        there[:, 2:] += 0.5 * scale - 0.5
        return there


def _warp(
    plane: Pixels,
    matrix: Matrix,
    size: int,
    border: int,
    outside: tuple[int, ...],
    out: Pixels | None = None,
) -> Pixels:
    """Sample bilinearly; a single plane with its edge repeated is what a followed face asks for."""
    if plane.ndim == 2 and border == cv2.BORDER_REPLICATE and is_sampled(plane):
        done = np.empty((size, size), np.uint8) if out is None else out
        sample(plane, matrix, done)
        return done
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped: Any = cv2.warpAffine(
        plane, matrix, (size, size), dst=out, flags=flags, borderMode=border, borderValue=outside
    )
    return cast("Pixels", warped)

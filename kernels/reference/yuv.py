"""From red, green and blue to luma and chroma, as encoders take them."""

from __future__ import annotations

import numpy as np

from kernels.reference.colour import CAMERA, Colours, to_rgb_matrix
from kernels.reference.crop import Bytes, Doubles

Planes = tuple[Bytes, Bytes, Bytes]


def to_yuv420(
    rgb: Bytes,
    colours: Colours = CAMERA,
    *,
    at: tuple[int, int] = (0, 0),
    out: Planes | None = None,
) -> Planes:
    """Return (Y, U, V) of [H, W, 3]; U and V are half as wide and high, rounded up.

    Chroma is that of the mean of the 2 by 2 pixels that it covers; where the picture ends within
    them, of those that there are. All are rounded half up.

    Args:
        rgb: a picture, or the part of one that has changed.
        colours: how luma and chroma shall be meant.
        at: column and row of ``out`` where the part begins; even.
        out: the planes to write it into, if there are some; the rest of them stays.

    Raises:
        ValueError: the part would cover half a sample of chroma, or reach beyond ``out``.
    """
    y, u, v = _converted(rgb, colours)
    if out is None:
        return y, u, v
    for part, plane in zip(place(out, at, rgb.shape), (y, u, v), strict=True):
        part[:] = plane
    return out


def place(planes: Planes, at: tuple[int, int], shape: tuple[int, ...]) -> Planes:
    """View the part of a picture's (Y, U, V) that begins ``at`` (column, row).

    Raises:
        ValueError: see ``to_yuv420``.
    """
    (left, top), (height, width) = at, shape[:2]
    right, low = left + width, top + height
    end_low, end_right = planes[0].shape
    fits = min(left, top) >= 0 and right <= end_right and low <= end_low
    whole = (right % 2 == 0 or right == end_right) and (low % 2 == 0 or low == end_low)
    half = (-(-end_low // 2), -(-end_right // 2))
    belong = len(shape) == 3 and shape[2] == 3 and planes[1].shape == planes[2].shape == half
    if not (fits and whole and belong) or left % 2 or top % 2:
        raise ValueError(
            f"rgb {tuple(shape)} at {at} does not fit {[tuple(p.shape) for p in planes]}"
        )
    y, u, v = planes
    chroma = (slice(top // 2, -(-low // 2)), slice(left // 2, -(-right // 2)))
    return y[top:low, left:right], u[chroma], v[chroma]


def _converted(rgb: Bytes, colours: Colours) -> Planes:
    change = to_yuv_matrix(colours)
    full = rgb.astype(np.float64)
    height, width = rgb.shape[:2]
    even = np.pad(full, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    quarter = (even[::2, ::2] + even[::2, 1::2] + even[1::2, ::2] + even[1::2, 1::2]) / 4
    luma = full @ change[0, :3] + change[0, 3]
    u, v = np.moveaxis(quarter @ change[1:, :3].T + change[1:, 3], -1, 0)
    return _rounded(luma), _rounded(u), _rounded(v)


def to_yuv_matrix(colours: Colours) -> Doubles:
    """Return [3, 4]: (Y, U, V) are the first three columns times RGB of 0..255, plus the fourth."""
    there = to_rgb_matrix(colours)
    back = np.linalg.inv(there[:, :3])
    return np.concatenate([back, -back @ there[:, 3:]], axis=1)


def _rounded(values: Doubles) -> Bytes:
    return np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8)

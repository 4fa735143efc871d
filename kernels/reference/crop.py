"""Cutting a turned rectangle out of a camera's picture, ready for a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kernels.reference.colour import CAMERA, Colours, to_rgb_matrix

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Bytes = NDArray[np.uint8]

Border = Literal["edge", "black"]
Norm = float | tuple[float, float, float]


def crop_rgb(
    planes: Sequence[Bytes],
    transform: Floats,
    size: tuple[int, int],
    *,
    mean: Norm = 0.0,
    scale: Norm = 1 / 255,
    colours: Colours = CAMERA,
    border: Border = "edge",
) -> Floats:
    """Return [h, w, 3]: RGB of 0..255, less ``mean``, times ``scale``.

    Every plane is sampled bilinearly at its own resolution; then colours are converted, held within
    0..255 and normalised.

    Args:
        planes: (Y, U, V), where U and V are as large as Y or half as wide or high, rounded up, each
            chroma sample in the middle of the luma samples that it covers; or (gray,), whose range
            counts as luma's; or one [H, W, 3] of RGB.
        transform: [2, 3], from the output's (x, y, 1) to the frame's (x, y), in pixels; whole
            numbers are the middles of pixels on both sides.
        size: (w, h) of the output.
        mean: what is taken off each of red, green and blue.
        scale: what they are multiplied by then.
        colours: how the planes are meant; RGB is always of full range.
        border: outside the frame lies its ``edge``, repeated, or ``black``.
    """
    width, height = size
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    m = np.asarray(transform, np.float64)
    x = m[0, 0] * across + m[0, 1] * down + m[0, 2]
    y = m[1, 0] * across + m[1, 1] * down + m[1, 2]
    planes, change, outside = as_three(planes, colours)
    seen = [
        _sample(
            plane,
            *_on_plane(x, y, plane, planes[0]),
            outside=None if border == "edge" else dark,
        )
        for plane, dark in zip(planes, outside, strict=True)
    ]
    rgb = np.stack([*seen, np.ones_like(x)], axis=-1) @ change.T
    return ((np.clip(rgb, 0, 255) - mean) * scale).astype(np.float32)


def as_three(
    planes: Sequence[Bytes], colours: Colours
) -> tuple[tuple[Bytes, Bytes, Bytes], Doubles, tuple[int, int, int]]:
    """Return three planes, the [3, 4] that makes RGB of them, and what is black in each."""
    if len(planes) == 3:
        y, u, v = planes
        return (y, u, v), to_rgb_matrix(colours), colours.black
    (only,) = planes
    if only.ndim == 3:
        return (only[..., 0], only[..., 1], only[..., 2]), np.eye(3, 4), (0, 0, 0)
    change = to_rgb_matrix(colours)
    change[:, 3] += change[:, 1:3].sum(axis=1) * 128
    change[:, 1:3] = 0
    dark = colours.black[0]
    return (only, only, only), change, (dark, dark, dark)


def subsampling(plane: Bytes, first: Bytes) -> tuple[int, int]:
    """Return how many columns and rows of ``first`` a sample of ``plane`` covers.

    Raises:
        ValueError: these are not the planes of one picture.
    """
    for sx in (1, 2):
        for sy in (1, 2):
            if plane.shape == (-(-first.shape[0] // sy), -(-first.shape[1] // sx)):
                return sx, sy
    raise ValueError(f"a plane of {plane.shape} does not belong to one of {first.shape}")


def _on_plane(x: Doubles, y: Doubles, plane: Bytes, first: Bytes) -> tuple[Doubles, Doubles]:
    sx, sy = subsampling(plane, first)
    return (x + 0.5) / sx - 0.5, (y + 0.5) / sy - 0.5


def _sample(plane: Bytes, x: Doubles, y: Doubles, *, outside: int | None) -> Doubles:
    left: Doubles = np.floor(x)
    top: Doubles = np.floor(y)
    ax, ay = x - left, y - top
    out = np.zeros(x.shape)
    for dy, wy in ((0, 1 - ay), (1, ay)):
        for dx, wx in ((0, 1 - ax), (1, ax)):
            out += wy * wx * _at(plane, left + dx, top + dy, outside)
    return out


def _at(plane: Bytes, x: Doubles, y: Doubles, outside: int | None) -> Doubles:
    height, width = plane.shape
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    columns = np.clip(x, 0, width - 1).astype(np.intp)
    rows = np.clip(y, 0, height - 1).astype(np.intp)
    value = plane[rows, columns].astype(np.float64)
    return value if outside is None else np.where(inside, value, outside)

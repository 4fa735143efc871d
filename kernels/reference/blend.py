"""Laying one picture over another without a seam: Burt and Adelson's multi-band blend, 1983."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Bytes = NDArray[np.uint8]

_BINOMIAL = (1, 4, 6, 4, 1)


def blend(below: Bytes, above: Bytes, mask: Floats, levels: int) -> Bytes:
    """Return ``above`` where ``mask`` is 1, ``below`` where it is 0, rounded half up and clipped.

    Between them coarse features pass over slowly and fine ones quickly: each band of the pictures
    is mixed by a mask that is as soft as the band is coarse.

    Args:
        below: [H, W] or [H, W, C].
        above: the same.
        mask: [H, W], 0 to 1.
        levels: how often the pictures are halved; 0 is plain mixing. Halving stops at one pixel.
    """
    # Blending is linear: below, plus the blend of the difference with nothing.
    shape = (*below.shape[:2], -1)
    difference = above.astype(np.float64).reshape(shape) - below.astype(np.float64).reshape(shape)
    mixed = _blended(difference, mask.astype(np.float64)[..., None], levels)
    out = below.astype(np.float64).reshape(shape) + mixed
    return np.clip(np.floor(out + 0.5), 0, 255).astype(np.uint8).reshape(below.shape)


def _blended(difference: Doubles, mask: Doubles, levels: int) -> Doubles:
    height, width = difference.shape[:2]
    if levels == 0 or max(height, width) == 1:
        return mask * difference
    coarse = down(difference)
    detail = difference - up(coarse, height, width)
    return mask * detail + up(_blended(coarse, down(mask), levels - 1), height, width)


def down(picture: Doubles) -> Doubles:
    """Halve [H, W, C], rounding up: every second sample, smoothed; mirrored about the edge."""
    return _down(_down(picture).swapaxes(0, 1)).swapaxes(0, 1)


def up(picture: Doubles, height: int, width: int) -> Doubles:
    """Double [h, w, C] to that size; mirrored before the first sample, repeated after the last."""
    return _up(_up(picture, height).swapaxes(0, 1), width).swapaxes(0, 1)


def _down(picture: Doubles) -> Doubles:
    size = len(picture)
    if size == 1:
        return picture
    at = np.arange(0, size, 2)
    taken = [picture[_mirror(at + k - 2, size)] * share for k, share in enumerate(_BINOMIAL)]
    return np.sum(taken, axis=0) / 16


def _up(picture: Doubles, size: int) -> Doubles:
    count = len(picture)
    if size == 1:
        return picture
    at = np.arange(count)
    before = picture[np.abs(at - 1) if count > 1 else at]
    after = picture[np.minimum(at + 1, count - 1)]
    out = np.empty((2 * count, *picture.shape[1:]))
    out[::2] = (before + 6 * picture + after) / 8
    out[1::2] = (picture + after) / 2
    return out[:size]


def _mirror(at: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    around = np.abs(at) % (2 * size - 2)
    return np.minimum(around, 2 * size - 2 - around)

"""Laying one picture over another without a seam, by OpenCV's pyramids."""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

from kernels.cpu.scratch import Scratch
from kernels.reference.blend import Bytes, Floats


def blend(
    below: Bytes,
    above: Bytes,
    mask: Floats,
    levels: int,
    *,
    scratch: Scratch,
    out: Bytes | None = None,
) -> Bytes:
    """Do ``reference.blend`` into ``out``, which may be ``below`` itself.

    Raises:
        ValueError: shapes do not belong together.
    """
    out = np.empty_like(below) if out is None else out
    if not below.shape == above.shape == out.shape or mask.shape != below.shape[:2]:
        raise ValueError(f"below {below.shape}, above {above.shape}, mask {mask.shape} differ")
    if below.shape[2:] == (1,):  # which OpenCV drops
        blend(below[..., 0], above[..., 0], mask, levels, scratch=scratch, out=out[..., 0])
        return out
    difference = scratch.take("blend 0", below.shape)
    mixed = scratch.take("blend mixed", below.shape, np.uint8)
    flat = (below.shape[0], -1)  # colours side by side: one long row is quicker than many short
    low = np.ascontiguousarray(below).reshape(flat)
    _subtract(np.ascontiguousarray(above).reshape(flat), low, difference.reshape(flat))
    _blend(difference, np.ascontiguousarray(mask), levels, 0, scratch)
    _add(low, difference.reshape(flat), mixed.reshape(flat))
    out[...] = mixed
    return out


def _blend(difference: Floats, mask: Floats, levels: int, level: int, scratch: Scratch) -> None:
    """Replace ``difference`` [H, W] or [H, W, C] by its blend with nothing."""
    height, width, *colours = difference.shape
    flat = (height, -1)
    everywhere = _for_each_colour(mask, colours, level, scratch).reshape(flat)
    if level == levels or max(height, width) == 1:
        cv2.multiply(difference.reshape(flat), everywhere, difference.reshape(flat))
        return
    half = (-(-height // 2), -(-width // 2))
    coarse = scratch.take(f"blend {level + 1}", (*half, *colours))
    softer = scratch.take(f"blend mask {level + 1}", half)
    raised = scratch.take("blend raised", difference.shape)
    cv2.pyrDown(difference, coarse, half[::-1])
    cv2.pyrDown(mask, softer, half[::-1])
    cv2.pyrUp(coarse, raised, (width, height))
    _keep_finer(difference.reshape(flat), raised.reshape(flat), everywhere)
    _blend(coarse, softer, levels, level + 1, scratch)
    raised = scratch.take("blend raised", difference.shape)
    cv2.pyrUp(coarse, raised, (width, height))
    cv2.add(difference, raised, difference)


def _for_each_colour(mask: Floats, colours: list[int], level: int, scratch: Scratch) -> Floats:
    if not colours:
        return mask
    out = scratch.take(f"blend colours {level}", (*mask.shape, *colours))
    cv2.merge([mask] * colours[0], out)
    return out


@njit(cache=True, nogil=True)
def _subtract(above, below, out):
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            out[y, x] = np.float32(np.int32(above[y, x]) - np.int32(below[y, x]))


@njit(cache=True, nogil=True)
def _keep_finer(difference, coarse, mask):
    for y in range(difference.shape[0]):
        for x in range(difference.shape[1]):
            difference[y, x] = (difference[y, x] - coarse[y, x]) * mask[y, x]


@njit(cache=True, nogil=True)
def _add(below, difference, out):
    zero, most, half = np.float32(0), np.float32(255), np.float32(0.5)
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            value = np.float32(np.int32(below[y, x])) + difference[y, x]
            out[y, x] = np.uint8(np.int32(min(max(value, zero), most) + half))

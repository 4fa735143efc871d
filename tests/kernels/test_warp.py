"""Pixels move as the reference says: smoothly, without a seam, and within the picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kernels import cpu, reference

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

SIZES = ((1, 1), (1, 9), (63, 65), (64, 48))


def noise(seed: int, *shape: int) -> Bytes:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def shifts(height: int, width: int, size: float) -> Floats:
    rng = np.random.default_rng(height + width)
    return rng.normal(0, size, (2, height, width)).astype(np.float32)


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("channels", [0, 3])
@pytest.mark.parametrize("sharp", [True, False])
@pytest.mark.parametrize("size", [0.7, 9.0, 1e6])
def test_warp_is_the_reference(height: int, width: int, channels: int, sharp: bool, size: float):
    pixels = noise(1, height, width, channels) if channels else noise(1, height, width)
    shift = shifts(height, width, size)
    expected = reference.warp(pixels, shift, sharp=sharp).astype(int)
    got = cpu.warp(pixels, shift, sharp=sharp, scratch=cpu.Scratch())
    # Plain arithmetic in 32 bits may round a half the other way: one level of 255, and seldom.
    assert np.abs(got - expected).max() <= 1
    assert (got != expected).mean() < 0.001 or pixels.size < 1000


@pytest.mark.parametrize("sharp", [True, False])
def test_no_shift_changes_no_pixel(sharp: bool):
    pixels = noise(1, 63, 65)
    shift = np.zeros((2, 63, 65), np.float32)
    got = cpu.warp(pixels, shift, sharp=sharp, scratch=cpu.Scratch())
    np.testing.assert_array_equal(got, pixels)


def test_whole_shifts_are_exact_and_the_edge_is_repeated():
    pixels = noise(1, 20, 30)
    shift = np.empty((2, 20, 30), np.float32)
    shift[0], shift[1] = 7, -3
    got = cpu.warp(pixels, shift, sharp=True, scratch=cpu.Scratch())
    rows, columns = np.maximum(np.arange(20) - 3, 0), np.minimum(np.arange(30) + 7, 29)
    np.testing.assert_array_equal(got, pixels[np.ix_(rows, columns)])


def test_warp_is_as_sharp_as_opencv():
    pixels = np.asarray(cv2.GaussianBlur(noise(3, 64, 80), (0, 0), 1.0), np.uint8)
    shift = np.asarray(cv2.GaussianBlur(shifts(64, 80, 9.0)[0], (0, 0), 4.0), np.float32)
    columns = np.arange(80, dtype=np.float32)[None, :] + shift
    rows = np.arange(64, dtype=np.float32)[:, None] + shift
    theirs = cv2.remap(pixels, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    ours = cpu.warp(pixels, np.stack([shift, shift]), sharp=True, scratch=cpu.Scratch())
    difference = np.abs(ours.astype(int) - theirs)
    assert difference.mean() < 0.5  # OpenCV counts in 32nds of a pixel
    assert difference.max() <= 6


def test_warp_in_place_of_a_view_leaves_its_neighbours_alone():
    whole = noise(1, 40, 80)
    before, part = whole.copy(), whole[3:33:2, 5:65:3]
    shift = shifts(15, 20, 2.0)
    expected = cpu.warp(part.copy(), shift, sharp=True, scratch=cpu.Scratch())
    turned = np.asfortranarray(shift)
    cpu.warp(part, turned, sharp=True, scratch=cpu.Scratch(), out=part)
    np.testing.assert_array_equal(part, expected)
    untouched = np.ones(whole.shape, bool)
    untouched[3:33:2, 5:65:3] = False
    np.testing.assert_array_equal(whole[untouched], before[untouched])


def test_memory_that_is_kept_carries_nothing_from_one_picture_to_the_next():
    kept = cpu.Scratch()
    for height, width in ((63, 65), (8, 8), (64, 48), (1, 1)):
        pixels, shift = noise(height, height, width), shifts(height, width, 5.0)
        fresh = cpu.warp(pixels, shift, sharp=True, scratch=cpu.Scratch())
        again = cpu.warp(pixels, shift, sharp=True, scratch=kept)
        np.testing.assert_array_equal(again, fresh)


def test_a_broken_shift_harms_only_its_own_pixel():
    pixels = noise(1, 20, 30)
    shift = np.zeros((2, 20, 30), np.float32)
    shift[:, 4, 5] = np.nan
    shift[:, 6, 7] = -np.inf
    got = cpu.warp(pixels, shift, sharp=True, scratch=cpu.Scratch())
    changed = np.argwhere(got != pixels).tolist()
    assert all(place in ([4, 5], [6, 7]) for place in changed)


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="differ"):
        cpu.warp(noise(1, 8, 8), shifts(8, 9, 1.0), sharp=True, scratch=cpu.Scratch())

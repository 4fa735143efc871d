"""Two pictures become one without a seam, and each stays what it is where the mask says so."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kernels import cpu, reference

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


def noise(seed: int, *shape: int) -> Bytes:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def half(height: int, width: int) -> Floats:
    mask = np.zeros((height, width), np.float32)
    mask[:, width // 2 :] = 1
    return mask


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 9), (2, 3), (63, 65), (64, 48)])
@pytest.mark.parametrize("channels", [0, 1, 3])
@pytest.mark.parametrize("levels", [0, 1, 4, 9])
def test_blend_is_the_reference(height: int, width: int, channels: int, levels: int):
    shape = (height, width, channels) if channels else (height, width)
    below, above = noise(1, *shape), noise(2, *shape)
    mask = np.random.default_rng(3).random((height, width)).astype(np.float32)
    expected = reference.blend(below, above, mask, levels)
    got = cpu.blend(below, above, mask, levels, scratch=cpu.Scratch())
    # Arithmetic in 32 bits may round a half the other way: one level of 255, and seldom.
    assert np.abs(got.astype(int) - expected).max() <= 1
    assert (got != expected).mean() < 0.001 or got.size < 1000


def test_far_from_the_seam_each_picture_is_untouched():
    below, above = noise(1, 64, 256, 3), noise(2, 64, 256, 3)
    got = cpu.blend(below, above, half(64, 256), 3, scratch=cpu.Scratch())
    np.testing.assert_array_equal(got[:, :90], below[:, :90])
    np.testing.assert_array_equal(got[:, -90:], above[:, -90:])


def test_a_step_in_the_light_becomes_a_slope_and_fine_lines_stay_sharp():
    lines = np.tile(np.array([0, 40], np.uint8), (64, 128))
    dark, bright = (np.asarray(lines + light, np.uint8) for light in (60, 120))
    got = cpu.blend(dark, bright, half(64, 256), 5, scratch=cpu.Scratch()).astype(int)
    light = (got[:, ::2] + got[:, 1::2]) / 2
    assert np.abs(np.diff(light, axis=1)).max() < 12
    assert light[32, 4] < 90 < 130 < light[32, -4]
    contrast = got[:, 1::2] - got[:, ::2]
    assert contrast.min() > 20


def test_in_place_and_views():
    below, above = noise(1, 63, 130, 3)[:, ::2], noise(2, 126, 65, 3)[::2]
    mask = np.asfortranarray(np.random.default_rng(3).random((63, 65)).astype(np.float32))
    expected = cpu.blend(below.copy(), above.copy(), mask.copy(), 3, scratch=cpu.Scratch())
    assert cpu.blend(below, above, mask, 3, scratch=cpu.Scratch(), out=below) is below
    np.testing.assert_array_equal(below, expected)


def test_memory_that_is_kept_carries_nothing_from_one_blend_to_the_next():
    kept = cpu.Scratch()
    for shape in ((63, 65, 3), (8, 8), (64, 48), (40, 40, 3)):
        below, above = noise(1, *shape), noise(2, *shape)
        mask = half(*shape[:2])
        fresh = cpu.blend(below, above, mask, 3, scratch=cpu.Scratch())
        np.testing.assert_array_equal(cpu.blend(below, above, mask, 3, scratch=kept), fresh)


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="differ"):
        cpu.blend(noise(1, 8, 8), noise(2, 8, 9), half(8, 8), 2, scratch=cpu.Scratch())

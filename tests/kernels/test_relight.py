"""Light changes as the reference says, and nothing else does."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kernels import cpu, reference

Bytes = NDArray[np.uint8]

SIZES = ((1, 1), (1, 9), (63, 65), (64, 48))


def noise(seed: int, *shape: int) -> Bytes:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("channels", [0, 3])
@pytest.mark.parametrize("black", [0, 16, 128])
def test_relight_is_the_reference(height: int, width: int, channels: int, black: int):
    shape = (height, width, channels) if channels else (height, width)
    pixels, soft = noise(1, *shape), noise(2, *shape)
    light = np.random.default_rng(3).normal(0, 0.6, (2, height, width)).astype(np.float32)
    expected = reference.relight(pixels, soft, light, black)
    cpu.relight(pixels, soft, light, black)
    # The order of a sum may round a half the other way: one level of 255.
    assert np.abs(pixels.astype(int) - expected).max() <= 1
    assert (pixels != expected).mean() < 0.001 or pixels.size < 1000


def test_relight_takes_views_and_leaves_their_neighbours_alone():
    whole, soft = noise(1, 40, 80, 3), noise(2, 40, 80, 3)
    light = np.random.default_rng(3).normal(0, 0.5, (2, 40, 40)).astype(np.float32)[:, ::2]
    before = whole.copy()
    expected = reference.relight(before[::2, ::2], soft[::2, ::2], light, 16)
    cpu.relight(whole[::2, ::2], soft[::2, ::2], light, 16)
    np.testing.assert_allclose(whole[::2, ::2].astype(int), expected, atol=1)
    untouched = np.ones((40, 80), bool)
    untouched[::2, ::2] = False
    np.testing.assert_array_equal(whole[untouched], before[untouched])


@pytest.mark.parametrize("black", [0, 16, 128])
def test_no_light_leaves_a_pixel_exactly_as_it_is(black: int):
    pixels, soft = noise(1, 63, 65, 3), noise(2, 63, 65, 3)
    light = np.full((2, 63, 65), 0.5, np.float32)
    light[:, 10:50, 20:40] = 0
    before = pixels.copy()
    cpu.relight(pixels, soft, light, black)
    np.testing.assert_array_equal(pixels[10:50, 20:40], before[10:50, 20:40])
    assert (pixels[:10] != before[:10]).mean() > 0.5


def test_black_stays_black_and_white_does_not_wrap():
    light = np.zeros((2, 4, 4), np.float32)
    light[0] = 0.9
    for level, lit in ((16, 16), (250, 255), (100, 176), (4, 0)):
        pixels = np.full((4, 4), level, np.uint8)
        cpu.relight(pixels, pixels.copy(), light, 16)
        assert (pixels == lit).all()


def test_crisp_deepens_detail_and_leaves_flat_skin():
    pixels = np.full((8, 8), 120, np.uint8)
    pixels[4] = 100
    soft = np.full((8, 8), 115, np.uint8)
    soft[:2] = 120
    light = np.zeros((2, 8, 8), np.float32)
    light[1] = 1.0
    cpu.relight(pixels, soft, light, 16)
    assert (pixels[:2] == 120).all()
    assert (pixels[4] == 85).all()

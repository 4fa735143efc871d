"""Colour follows the light as the reference says: skin in shade turns redder."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kernels import cpu, reference

SIZES = ((1, 1), (1, 9), (63, 65), (64, 48))


def noise(seed: int, *shape: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_flush_is_the_reference_also_beside_every_other_pixel_of_luma(height: int, width: int):
    chroma, luma = noise(1, height, width), noise(2, 2 * height, 2 * width)[::2, ::2]
    gain = np.random.default_rng(3).normal(0, 2, (2 * height, 2 * width)).astype(np.float32)
    gain = gain[::2, ::2]
    expected = reference.flush(chroma, luma, gain, 0.18, 16)
    cpu.flush(chroma, luma, gain, 0.18, 16)
    assert np.abs(chroma.astype(int) - expected).max() <= 1
    with pytest.raises(ValueError, match="differ"):
        cpu.flush(chroma, luma, gain[:, :0], 0.18, 16)


def test_skin_in_shade_turns_redder_the_paler_it_is_and_lit_by_nothing_stays_as_it_is():
    gain, luma = np.full((1, 1), -0.15, np.float32), np.array([[200]], np.uint8)

    def turned(plane: int, level: int) -> int:
        chroma = np.array([[level]], np.uint8)
        assert reference.flush(chroma, luma, 0 * gain, reference.TONE[plane], 16) == chroma
        return int(reference.flush(chroma, luma, gain, reference.TONE[plane], 16)[0, 0]) - level

    assert turned(1, 138) >= 3  # Cr of pale skin
    assert abs(turned(1, 166)) <= 1  # of ruddy skin
    assert turned(0, 120) <= -2


@pytest.mark.parametrize("skin", [(235, 215, 200), (220, 150, 130), (130, 95, 75)])
def test_pictures_of_yuv_and_rgb_turn_alike(skin: tuple[int, int, int]):
    """By BT.601 at full range."""
    rgb = np.array([[skin]], np.uint8)
    matrix = np.array([(0.299, 0.587, 0.114), (-0.169, -0.331, 0.5), (0.5, -0.419, -0.081)])
    y, cb, cr = (matrix @ np.array(skin) + (0, 128, 128)).round().astype(np.uint8)
    light = np.full((2, 1, 1), -0.2, np.float32)
    light[1] = 0
    shaded = matrix @ reference.relight(rgb, rgb, light, 0)[0, 0] + (0, 128, 128)
    for plane, tone, expected in zip((cb, cr), reference.TONE, shaded[1:], strict=True):
        got = reference.flush(np.array([[plane]]), np.array([[y]]), light[0], tone, 0)
        assert float(got[0, 0]) == pytest.approx(expected, abs=2.5)

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
    expected = reference.flush(chroma, luma, gain, -0.11, 16)
    cpu.flush(chroma, luma, gain, -0.11, 16)
    assert np.abs(chroma.astype(int) - expected).max() <= 1
    with pytest.raises(ValueError, match="differ"):
        cpu.flush(chroma, luma, gain[:, :0], -0.11, 16)


def test_skin_in_shade_turns_redder_and_elsewhere_stays_as_it_is():
    skin = np.full((1, 1, 3), (210, 170, 145), np.uint8)
    light = np.full((2, 1, 1), (-0.2,), np.float32)
    light[1] = 0
    shaded = reference.relight(skin, skin, light, 0)[0, 0].astype(float)
    assert shaded[0] / shaded[1] > 1.05 * 210 / 170
    cb, cr = np.array([[115]], np.uint8), np.array([[145]], np.uint8)
    luma = np.array([[170]], np.uint8)
    for plane, share, sign in zip((cb, cr), reference.FLUSH, (-1, 1), strict=True):
        same = reference.flush(plane, luma, 0 * light[0], share, 16)
        assert same == plane
        more = int(reference.flush(plane, luma, light[0], share, 16)[0, 0]) - int(plane[0, 0])
        assert 1 <= sign * more <= 5

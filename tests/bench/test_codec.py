"""What says how good a picture is, and that both codecs are really coded and decoded."""

from __future__ import annotations

import numpy as np
import pytest

from bench.codec import code, luma, psnr, row, ssim
from bench.portrait import moving
from realtime.picture import to_av


def test_the_same_is_perfect_and_noise_is_worse_than_brightness() -> None:
    picture = moving(320, 240, 1)[0].planes[0]
    assert (psnr(picture, picture), ssim(picture, picture)) == (100, pytest.approx(1))
    dice = np.random.default_rng(0)
    noisy = np.clip(picture + dice.normal(0, 8, picture.shape), 0, 255).astype(np.uint8)
    brighter = np.clip(picture.astype(np.int16) + 8, 0, 255).astype(np.uint8)
    assert psnr(picture, noisy) == pytest.approx(10 * np.log10(255**2 / 64), abs=0.3)
    assert ssim(picture, noisy) < ssim(picture, brighter) - 0.05


def test_luma_is_what_went_in_at_an_odd_width() -> None:
    frame = moving(326, 240, 1)[0]
    assert np.array_equal(luma(to_av(frame)), frame.planes[0])


@pytest.mark.parametrize("name", ["H264", "VP8"])
def test_more_bits_are_spent_and_give_a_better_picture(name: str) -> None:
    film = moving(320, 240, 40)
    coarse, fine = (row(name, code(name, film, bits)[20:]).extra for bits in (300_000, 1_500_000))
    assert fine["kbit_s"] > 2 * coarse["kbit_s"]  # type: ignore[operator]
    assert fine["psnr_db"] > coarse["psnr_db"] + 1  # type: ignore[operator]
    assert fine["ssim"] > coarse["ssim"]  # type: ignore[operator]

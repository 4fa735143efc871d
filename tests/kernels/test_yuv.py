"""Red, green and blue become luma and chroma by the standards' formula, the picture's edge too."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kernels import cpu, reference

Bytes = NDArray[np.uint8]

COLOURS = tuple(
    reference.Colours(full, matrix) for full in (True, False) for matrix in ("bt601", "bt709")
)


def noise(height: int, width: int) -> Bytes:
    rng = np.random.default_rng(height * width)
    return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 9), (2, 1), (63, 65), (64, 48)])
@pytest.mark.parametrize("colours", COLOURS)
def test_planes_are_the_references(height: int, width: int, colours: reference.Colours):
    rgb = noise(height, width)
    expected = reference.to_yuv420(rgb, colours)
    got = cpu.to_yuv420(rgb, colours, scratch=cpu.Scratch())
    for ours, theirs in zip(got, expected, strict=True):
        assert ours.shape == theirs.shape
        # Arithmetic in 32 bits may round a half the other way: one level of 255, and seldom.
        assert np.abs(ours.astype(int) - theirs).max() <= 1
        assert (ours != theirs).mean() < 0.005 or ours.size < 1000


def test_white_black_and_red_of_limited_range():
    for rgb, yuv in (
        ((255, 255, 255), (235, 128, 128)),
        ((0, 0, 0), (16, 128, 128)),
        ((255, 0, 0), (81, 90, 240)),
    ):
        flat = np.full((5, 7, 3), rgb, np.uint8)
        for plane, level in zip(cpu.to_yuv420(flat, scratch=cpu.Scratch()), yuv, strict=True):
            assert (plane == level).all()


@pytest.mark.parametrize("colours", COLOURS)
def test_there_and_back_is_the_same_picture(colours: reference.Colours):
    """Flat in blocks of two, so that nothing is lost but what 8 bits cannot hold."""
    rgb = np.repeat(np.repeat(noise(12, 10), 2, axis=0), 2, axis=1)
    planes = cpu.to_yuv420(rgb, colours, scratch=cpu.Scratch())
    centres = np.array([[2, 0, 0.5], [0, 2, 0.5]], np.float32)
    back = cpu.crop_rgb(planes, centres, (10, 12), scale=1, colours=colours, scratch=cpu.Scratch())
    # Chroma is interpolated between the blocks' own middles, which is where this looks.
    np.testing.assert_allclose(back, rgb[::2, ::2], atol=2.5)


def test_views_in_and_out():
    rgb = noise(64, 48)
    expected = cpu.to_yuv420(rgb, scratch=cpu.Scratch())
    wide = np.repeat(rgb, 2, axis=1)[:, ::2]
    holes = tuple(np.zeros((h, 3 * w), np.uint8)[:, ::3] for h, w in ((64, 48), (32, 24), (32, 24)))
    out = (holes[0], holes[1], holes[2])
    assert cpu.to_yuv420(wide, scratch=cpu.Scratch(), out=out) is out
    for ours, theirs in zip(out, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("at", "size"), [((10, 4), (8, 6)), ((0, 0), (2, 2)), ((40, 30), (25, 33))]
)
def test_only_the_part_that_changed_is_written(at: tuple[int, int], size: tuple[int, int]):
    (left, top), (width, height) = at, size
    before, after = noise(63, 65), noise(63, 65)[::-1].copy()
    changed = before.copy()
    box = slice(top, top + height), slice(left, left + width)
    changed[box] = after[box]
    whole = reference.to_yuv420(changed)
    planes = cpu.to_yuv420(before, scratch=cpu.Scratch())
    cpu.to_yuv420(changed[box], scratch=cpu.Scratch(), at=at, out=planes)
    for ours, theirs in zip(planes, whole, strict=True):
        assert np.abs(ours.astype(int) - theirs).max() <= 1
    again = reference.to_yuv420(before)
    reference.to_yuv420(changed[box], at=at, out=again)
    for ours, theirs in zip(again, whole, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("at", "size"), [((1, 0), (4, 4)), ((0, 0), (3, 4)), ((60, 0), (8, 4)), ((-2, 0), (4, 4))]
)
def test_a_part_that_covers_half_a_sample_or_reaches_beyond_is_refused(
    at: tuple[int, int], size: tuple[int, int]
):
    out = cpu.to_yuv420(noise(63, 65), scratch=cpu.Scratch())
    with pytest.raises(ValueError, match="does not fit"):
        cpu.to_yuv420(noise(size[1], size[0]), scratch=cpu.Scratch(), at=at, out=out)


def test_shapes_that_do_not_fit_are_refused():
    y, u, v = cpu.to_yuv420(noise(8, 8), scratch=cpu.Scratch())
    with pytest.raises(ValueError, match="does not fit"):
        cpu.to_yuv420(noise(8, 10), scratch=cpu.Scratch(), out=(y, u, v))

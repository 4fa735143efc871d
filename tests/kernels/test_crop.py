"""A crop is what the reference says, from each layout of pixels, inside the frame and beyond it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from kernels import cpu, reference

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

LAYOUTS = ("yuv420p", "yuv422p", "yuv444p", "gray", "rgb24")
SIZES = ((1, 1), (2, 1), (63, 65), (48, 64))

KEPT = cpu.Scratch()

ROUNDED = 0.5
"""Levels that a crop in 8 bits is off by: half of the last bit."""


def picture(layout: str, height: int, width: int, seed: int = 0) -> tuple[Bytes, ...]:
    rng = np.random.default_rng(seed)
    if layout == "rgb24":
        return (rng.integers(0, 256, (height, width, 3), dtype=np.uint8),)
    if layout == "gray":
        return (rng.integers(0, 256, (height, width), dtype=np.uint8),)
    sx, sy = {"yuv420p": (2, 2), "yuv422p": (2, 1), "yuv444p": (1, 1)}[layout]
    small = (-(-height // sy), -(-width // sx))
    shapes = ((height, width), small, small)
    return tuple(rng.integers(0, 256, shape, dtype=np.uint8) for shape in shapes)


def crop(*args: Any, **kwargs: Any) -> Any:
    """Crop with memory that is kept, as a caller does."""
    return cpu.crop_rgb(*args, scratch=KEPT, **kwargs)


def turned(degrees: float, zoom: float, right: float, down: float) -> Floats:
    c, s = zoom * math.cos(math.radians(degrees)), zoom * math.sin(math.radians(degrees))
    return np.array([[c, -s, right], [s, c, down]], np.float32)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("border", ["edge", "black"])
def test_crop_is_the_reference(layout: str, height: int, width: int, border: reference.Border):
    planes = picture(layout, height, width)
    for way in (
        turned(0, 1, 0, 0),
        turned(17, 0.7, 8.3, 2.9),
        turned(-160, 1.9, 70, 80),
        turned(90, 5.0, -3000.5, 7000.5),
        np.array([[-1.5, 0, 40], [0.3, 0.8, -20]], np.float32),
    ):
        for size in ((1, 1), (31, 18)):
            expected = reference.crop_rgb(planes, way, size, scale=1, border=border)
            got = crop(planes, way, size, scale=1, border=border)
            assert got.shape == (size[1], size[0], 3)
            assert np.abs(got - expected).max() < 2 * ROUNDED
            whole = np.empty(got.shape, np.uint8)
            crop(planes, way, size, scale=1, border=border, out=whole)
            assert np.abs(whole - expected).max() < ROUNDED + 0.02


@pytest.mark.parametrize("full_range", [True, False])
@pytest.mark.parametrize("matrix", ["bt601", "bt709"])
def test_known_colours(full_range: bool, matrix: reference.Matrix):
    """White, black, grey and the three primaries, by the standards' own formula."""
    red, blue = reference.MATRICES[matrix]
    for rgb in ((255, 255, 255), (0, 0, 0), (99, 99, 99), (255, 0, 0), (0, 255, 0), (0, 0, 255)):
        r, g, b = (v / 255 for v in rgb)
        y = red * r + (1 - red - blue) * g + blue * b
        u, v = (b - y) / (2 * (1 - blue)), (r - y) / (2 * (1 - red))
        if full_range:
            exact = (255 * y, 128 + 255 * u, 128 + 255 * v)
        else:
            exact = (16 + 219 * y, 128 + 224 * u, 128 + 224 * v)
        planes = tuple(
            np.full(shape, np.clip(round(value), 0, 255), np.uint8)
            for value, shape in zip(exact, ((8, 8), (4, 4), (4, 4)), strict=True)
        )
        got = crop(
            planes,
            turned(0, 1, 0, 0),
            (8, 8),
            scale=1,
            colours=reference.Colours(full_range, matrix),
        )
        np.testing.assert_allclose(got, np.broadcast_to(rgb, (8, 8, 3)), atol=2.5)


def test_a_crop_shows_what_lies_where_the_transform_points():
    """A dot at (12, 20) is found at the output's (3, 5) when that is where it is sent."""
    luma = np.full((48, 64), 16, np.uint8)
    luma[20, 12] = 235
    grey = np.full((24, 32), 128, np.uint8)
    got = crop((luma, grey, grey), turned(0, 2, 6, 10), (9, 9))
    np.testing.assert_allclose(got[5, 3], 1, atol=0.01)
    assert np.count_nonzero(got > 0.01) == 3


def test_mean_and_scale_are_each_colours_own():
    planes = picture("yuv420p", 40, 40)
    mean, scale = (120.0, 10.0, 0.0), (1 / 60, -2.0, 0.5)
    plain = reference.crop_rgb(planes, turned(9, 1, 3, 3), (20, 20), scale=1)
    got = crop(planes, turned(9, 1, 3, 3), (20, 20), mean=mean, scale=scale)
    np.testing.assert_allclose(got, (plain - mean) * scale, atol=2 * ROUNDED * 2)
    assert got.std() > 1


def test_views_in_and_out():
    planes = picture("yuv420p", 63, 65)
    spread = tuple(np.repeat(np.repeat(p, 2, axis=0), 3, axis=1)[::2, ::3] for p in planes)
    upside_down = tuple(p[::-1].copy()[::-1] for p in planes)
    way = turned(30, 1.1, 20, -5)
    expected = crop(planes, way, (32, 24))
    channels_first = np.zeros((3, 24, 32), np.float32)
    for views in (spread, upside_down):
        out = channels_first.transpose(1, 2, 0)
        assert crop(views, way, (32, 24), out=out) is out
        np.testing.assert_array_equal(channels_first, expected.transpose(2, 0, 1))
    stacked = np.repeat(picture("rgb24", 20, 20)[0], 2, axis=1)[:, ::2]
    np.testing.assert_array_equal(
        crop((stacked,), way, (8, 8)), crop((stacked.copy(),), way, (8, 8))
    )
    holes = np.zeros((24, 64, 3), np.float32)[:, ::2]
    np.testing.assert_array_equal(crop(planes, way, (32, 24), out=holes), expected)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -1e9])
def test_a_transform_to_nowhere_is_refused(wrong: float):
    planes = picture("yuv420p", 16, 16)
    way = turned(0, 1, 0, 0)
    way[1, 2] = wrong
    with pytest.raises(ValueError, match="does not lead into a frame"):
        crop(planes, way, (8, 8))


def test_planes_and_outputs_that_do_not_belong_together_are_refused():
    luma, u, v = picture("yuv420p", 16, 16)
    way = turned(0, 1, 0, 0)
    with pytest.raises(ValueError, match="does not belong"):
        crop((luma, u[:5], v[:5]), way, (8, 8))
    with pytest.raises(ValueError, match="planes of"):
        crop((luma, u, v[:5]), way, (8, 8))
    with pytest.raises(ValueError, match="not float32"):
        crop((luma, u, v), way, (8, 8), out=np.empty((8, 9, 3), np.float32))


def test_bytes_are_held_within_what_they_can_hold():
    planes = picture("yuv420p", 40, 40)
    out = np.empty((20, 20, 3), np.uint8)
    plain = reference.crop_rgb(planes, turned(9, 1, 3, 3), (20, 20), scale=1)
    crop(planes, turned(9, 1, 3, 3), (20, 20), mean=100.0, scale=-3.0, out=out)
    np.testing.assert_allclose(out, np.clip((plain - 100) * -3, 0, 255), atol=1)

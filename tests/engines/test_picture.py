"""A crop shows the same in whichever layout the picture came."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from engines.landmarks.picture import Picture, Pixels
from engines.landmarks.region import Region
from realtime.picture import convert, from_rgb
from realtime.types import PixelFormat
from tests import portrait

FACE = Region(330, 200, 260, 0.3)


def cropped(picture: Picture, region: Region, size: int, *, black: bool = False) -> Pixels:
    out = np.empty((size, size, 3), np.uint8)
    picture.crop(region, size, out, black_outside=black)
    return out


def test_rgb_is_sampled_as_opencv_would():
    rgb = portrait.photograph()
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    expected = cv2.warpAffine(
        rgb, FACE.matrix(192), (192, 192), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    np.testing.assert_array_equal(cropped(Picture((rgb,)), FACE, 192), expected)


@pytest.mark.parametrize("layout", ["yuv420p", "yuv422p", "yuv444p"])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(("width", "height"), [(640, 480), (639, 477)])
def test_planes_give_what_rgb_gives(layout: PixelFormat, full: bool, width: int, height: int):
    rgb = np.ascontiguousarray(portrait.photograph()[:height, :width])
    frame = convert(from_rgb(rgb), layout, full_range=full)
    found = cropped(Picture(frame.planes, frame.full_range), FACE, 192).astype(int)
    expected = cropped(Picture((rgb,)), FACE, 192).astype(int)
    apart = np.abs(found - expected)
    assert apart.mean() < 2.5
    # A shift of the chroma by half a pixel would show as more of one colour at the edges.
    assert np.abs((found - expected).mean(axis=(0, 1))).max() < 1.5


@pytest.mark.parametrize("full", [False, True])
def test_gray_is_light_without_colour(full: bool):
    gray = np.full((40, 60), 235 if not full else 255, np.uint8)
    crop = cropped(Picture((gray,), full), Region(30, 20, 10, 0), 32)
    assert (crop == 255).all()


@pytest.mark.parametrize("layout", ["rgb24", "yuv420p", "gray"])
def test_what_lies_outside_is_black_or_like_the_edge(layout: PixelFormat):
    white = convert(from_rgb(np.full((64, 64, 3), 255, np.uint8)), layout)
    picture, region = Picture(white.planes, white.full_range), Region(0, 32, 64, 0)
    black = cropped(picture, region, 32, black=True)
    assert black[:, :14].max() <= 2
    assert black[:, 18:].min() >= 250
    assert cropped(picture, region, 32).min() >= 250


def test_the_picture_is_left_as_it_was():
    frame = portrait.frame(portrait.photograph())
    before = [plane.copy() for plane in frame.planes]
    cropped(Picture(frame.planes, False), FACE, 128, black=True)
    assert all(np.array_equal(a, b) for a, b in zip(before, frame.planes, strict=True))

"""Frames go in and out of PyAV without a changed pixel, whatever the layout and the size."""

from __future__ import annotations

import math
from fractions import Fraction

import av
import numpy as np
import pytest

from realtime.picture import (
    convert,
    from_av,
    from_rgb,
    native_format,
    plane_rows,
    to_av,
    to_rgb,
)
from realtime.types import SUBSAMPLING, Frame, PixelFormat, Pixels

LAYOUTS: tuple[PixelFormat, ...] = ("yuv420p", "yuv422p", "yuv444p", "gray", "rgb24")


def random_bytes(shape: tuple[int, ...]) -> Pixels:
    rng = np.random.default_rng(7)
    return np.frombuffer(rng.bytes(math.prod(shape)), np.uint8).reshape(shape)


def noise(layout: PixelFormat, width: int, height: int, *, full_range: bool = False) -> Frame:
    sub_x, sub_y = SUBSAMPLING[layout]
    shapes: list[tuple[int, ...]] = [(height, width)]
    if layout == "rgb24":
        shapes = [(height, width, 3)]
    elif layout != "gray":
        shapes += [(-(-height // sub_y), -(-width // sub_x))] * 2
    planes = tuple(random_bytes(shape) for shape in shapes)
    full = full_range or layout == "rgb24"
    return Frame(planes, layout, 11, 3, Fraction(1, 90_000), 5, full)


def fill(picture: av.VideoFrame, *values: int) -> av.VideoFrame:
    for i, value in enumerate(values):
        plane_rows(picture, i)[:] = value
    return picture


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("width", "height"), [(1, 1), (63, 65), (64, 48), (70, 50)])
@pytest.mark.parametrize("full_range", [False, True])
def test_there_and_back_changes_nothing(
    layout: PixelFormat, width: int, height: int, full_range: bool
) -> None:
    frame = noise(layout, width, height, full_range=full_range)
    back = from_av(to_av(frame), captured=11, seq=5)
    for before, after in zip(frame.planes, back.planes, strict=True):
        np.testing.assert_array_equal(before, after)
        assert after.flags.c_contiguous
    assert (back.format, back.full_range) == (frame.format, frame.full_range)
    assert (back.pts, back.time_base, back.captured, back.seq) == (3, Fraction(1, 90_000), 11, 5)


def test_a_frame_does_not_share_memory_with_the_decoder() -> None:
    picture = fill(av.VideoFrame(64, 48, "yuv420p"), 10, 20, 30)
    frame = from_av(picture, 0, 0)
    fill(picture, 99, 99, 99)
    assert [int(plane.max()) for plane in frame.planes] == [10, 20, 30]


def test_semi_planar_pictures_are_only_moved_about() -> None:
    picture = av.VideoFrame(64, 48, "nv12")
    luma = random_bytes((48, 64))
    chroma = random_bytes((24, 32, 2))
    for plane, values in zip(picture.planes, (luma, chroma), strict=True):
        plane.update(values.tobytes())
    frame = from_av(picture, 0, 0)
    assert frame.format == "yuv420p"
    np.testing.assert_array_equal(frame.planes[0], luma)
    np.testing.assert_array_equal(frame.planes[1], chroma[..., 0])
    np.testing.assert_array_equal(frame.planes[2], chroma[..., 1])


@pytest.mark.parametrize(
    ("name", "layout"),
    [
        ("yuvj422p", "yuv422p"),
        ("yuyv422", "yuv422p"),
        ("nv12", "yuv420p"),
        ("yuv420p10le", "yuv420p"),
        ("yuv444p12le", "yuv444p"),
        ("yuv411p", "yuv420p"),
        ("bgr24", "rgb24"),
        ("rgba", "rgb24"),
        ("gbrp", "rgb24"),
        ("pal8", "rgb24"),
        ("gray16le", "gray"),
        ("monob", "gray"),
    ],
)
def test_other_layouts_find_their_nearest(name: str, layout: str) -> None:
    assert native_format(name) == layout
    assert from_av(av.VideoFrame(64, 48, name), 0, 0).format == layout


def test_full_range_is_seen_in_the_tag_and_in_the_old_format() -> None:
    tagged = av.VideoFrame(8, 8, "yuv420p")
    tagged.color_range = 2
    assert from_av(tagged, 0, 0).full_range
    assert from_av(av.VideoFrame(8, 8, "yuvj420p"), 0, 0).full_range
    assert not from_av(av.VideoFrame(8, 8, "yuv420p"), 0, 0).full_range
    assert to_av(from_av(tagged, 0, 0)).color_range == 2


def test_a_picture_without_time_stamp_is_stamped_with_its_capture() -> None:
    frame = from_av(av.VideoFrame(8, 8, "yuv420p"), captured=5_000, seq=0)
    assert frame.pts * frame.time_base == Fraction(5_000, 1_000_000_000)


@pytest.mark.parametrize("layout", ["yuv420p", "yuv422p", "yuv444p"])
@pytest.mark.parametrize(("full_range", "white"), [(False, 235), (True, 255)])
@pytest.mark.parametrize("size", [(64, 48), (63, 47)])
def test_white_is_white_and_red_is_red(
    layout: PixelFormat, full_range: bool, white: int, size: tuple[int, int]
) -> None:
    width, height = size
    frame = noise(layout, width, height, full_range=full_range)
    bright = frame.with_planes(
        tuple(np.full_like(p, v) for p, v in zip(frame.planes, (white, 128, 128), strict=True))
    )
    rgb = to_rgb(bright)
    assert rgb.shape == (height, width, 3)
    assert rgb.min() >= 253
    red = np.zeros((height, width, 3), np.uint8)
    red[..., 0] = 255
    back = to_rgb(convert(from_rgb(red), layout, full_range=full_range))
    assert np.abs(back.astype(int) - red).max() <= 6


def test_converting_to_what_it_is_returns_the_frame_itself() -> None:
    frame = noise("yuv420p", 64, 48)
    assert convert(frame, "yuv420p") is frame
    assert convert(frame, "yuv420p", full_range=True).full_range


@pytest.mark.parametrize("full_range", [False, True])
def test_gray_gets_the_chroma_of_gray_and_keeps_its_luma(full_range: bool) -> None:
    frame = noise("gray", 63, 47, full_range=full_range)
    coloured = convert(frame, "yuv420p", full_range=full_range)
    np.testing.assert_array_equal(coloured.planes[0], frame.planes[0])
    assert [plane.shape for plane in coloured.planes[1:]] == [(24, 32)] * 2
    assert {int(v) for plane in coloured.planes[1:] for v in np.unique(plane)} == {128}
    white = frame.with_planes((np.full_like(frame.planes[0], 255 if full_range else 235),))
    assert to_rgb(white).min() >= 253

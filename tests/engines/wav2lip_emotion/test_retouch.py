"""What a network says is done to planes as they came, inside its square and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from engines.landmarks.picture import Picture
from engines.wav2lip_emotion.faces import Square
from engines.wav2lip_emotion.retouch import SIDE, Fields, Retouch
from realtime.picture import convert, from_rgb, to_rgb
from realtime.types import Frame, PixelFormat
from tests import portrait

SQUARE = Square(322.9, 229.3, 250.0)
LAYOUTS: tuple[tuple[PixelFormat, bool], ...] = (
    ("yuv420p", False),
    ("yuv420p", True),
    ("yuv422p", False),
    ("yuv444p", True),
    ("gray", True),
    ("rgb24", True),
)


def paler(by: float = -0.2, mask: float = 1.0, right: float = 0.0) -> Fields:
    """Return fields that take red away and move all to the left by ``right`` squares."""
    shift = np.zeros((2, SIDE, SIDE), np.float32)
    shift[0] = right
    colour = np.zeros((3, SIDE, SIDE), np.float32)
    colour[0] = by
    return Fields(shift, colour, np.full((SIDE, SIDE), mask, np.float32))


def camera(layout: PixelFormat, full: bool) -> Frame:
    return convert(from_rgb(portrait.photograph()), layout, full_range=full)


def retouched(frame: Frame, fields: Fields, square: Square = SQUARE) -> Frame:
    picture = Picture(frame.planes, frame.full_range)
    return frame.with_planes(Retouch().apply(picture, square, fields))


@pytest.mark.parametrize(("layout", "full"), LAYOUTS)
def test_the_change_is_the_one_asked_for_and_only_in_the_square(layout: PixelFormat, full: bool):
    before = camera(layout, full)
    after = retouched(before, paler())
    for was, now in zip(before.planes, after.planes, strict=True):
        sy, sx = before.height / was.shape[0], before.width / was.shape[1]
        down, across = np.indices(was.shape[:2])
        x, y = (across + 0.5) * sx - 0.5, (down + 0.5) * sy - 0.5
        outside = np.maximum(abs(x - SQUARE.x), abs(y - SQUARE.y)) > SQUARE.side / 2
        np.testing.assert_array_equal(now[outside], was[outside])
    middle = slice(180, 280), slice(270, 370)
    apart = to_rgb(after).astype(int)[middle] - to_rgb(before).astype(int)[middle]
    wanted = -51 if layout != "gray" else -0.299 * 51
    red = np.median(apart[..., 0])
    assert red == pytest.approx(wanted, abs=2)
    if layout != "gray":
        assert np.abs(np.median(apart[..., 1:])) <= 2


def test_a_shift_moves_luma_and_chroma_alike():
    before = camera("yuv420p", False)
    after = retouched(before, paler(0.0, right=8 / SQUARE.side))
    luma, was = after.planes[0], before.planes[0]
    np.testing.assert_allclose(luma[180:280, 270:370], was[180:280, 278:378], atol=1)
    np.testing.assert_allclose(
        after.planes[1][90:140, 135:185], before.planes[1][90:140, 139:189], atol=1
    )


def test_half_a_mask_is_half_the_change_and_none_is_the_very_same_planes():
    before = camera("yuv420p", False)
    half = retouched(before, paler().weakened(0.5))
    apart = to_rgb(half).astype(int) - to_rgb(before).astype(int)
    assert np.median(apart[180:280, 270:370, 0]) == pytest.approx(-25.5, abs=2)
    none = retouched(before, paler().weakened(0.0))
    assert all(a is b for a, b in zip(none.planes, before.planes, strict=True))


@pytest.mark.parametrize(
    "square", [Square(0, 0, 200), Square(639, 479, 300), Square(-500, 0, 100), Square(320, 9, 2000)]
)
def test_a_face_at_the_edge_of_an_odd_picture_is_no_trouble(square: Square):
    rgb = portrait.photograph()[:479, :637].copy()
    before = convert(from_rgb(rgb), "yuv420p")
    after = retouched(before, paler(), square)
    assert [p.shape for p in after.planes] == [p.shape for p in before.planes]
    seen = np.empty((3, SIDE, SIDE), np.float32)
    Retouch().look(Picture(before.planes, full_range=False), square, seen)
    assert np.isfinite(seen).all()


@pytest.mark.parametrize("side", [90.0, 250.0, 400.0])
def test_what_the_network_sees_is_what_it_learnt_from(side: float):
    square = Square(322.9, 229.3, side)
    rgb = portrait.photograph()
    learnt = square.cut(rgb, SIDE).astype(np.float32) / 255
    for layout, full in LAYOUTS:
        if layout != "gray":
            frame = camera(layout, full)
            seen = np.empty((3, SIDE, SIDE), np.float32)
            Retouch().look(Picture(frame.planes, frame.full_range), square, seen)
            assert np.abs(seen.transpose(1, 2, 0) - learnt).mean() < 0.006

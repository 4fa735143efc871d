"""The badge can be read, stays small, and touches nothing but its corner."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from realtime.badge import label, stamped
from realtime.types import SUBSAMPLING, Edit, Emotion, Frame, PixelFormat, Pixels

SIZES = [(320, 240), (640, 480), (1280, 720), (1920, 1080), (720, 1280)]


def picture(width: int, height: int, layout: PixelFormat, level: int = 120) -> Frame:
    if layout == "rgb24":
        planes: tuple[Pixels, ...] = (np.full((height, width, 3), level, np.uint8),)
    else:
        across, down = SUBSAMPLING[layout]
        chroma = (-(-height // down), -(-width // across))
        shapes = ((height, width), chroma, chroma)[: 1 if layout == "gray" else 3]
        planes = tuple(np.full(shape, level, np.uint8) for shape in shapes)
    return Frame(planes, layout, 0, 0, Fraction(1, 30), 0)


def box_of(old: Pixels, new: Pixels) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of what differs."""
    rows, columns = np.nonzero(old.reshape(*old.shape[:2], -1).astype(int).sum(2)
                               != new.reshape(*new.shape[:2], -1).astype(int).sum(2))  # fmt: skip
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_it_is_legible_and_small_at_every_size(width: int, height: int) -> None:
    old = picture(width, height, "yuv420p")
    new = stamped(old, "filtered · surprise")
    left, top, right, bottom = box_of(old.planes[0], new.planes[0])
    assert bottom - top >= 18, "letters of less than 12 pixels are not read"
    assert (right - left) * (bottom - top) <= 0.035 * width * height
    assert right > width * 0.95
    assert bottom > height * 0.92
    assert left > width * 0.4
    part = new.planes[0][top:bottom, left:right].astype(int)
    assert np.quantile(part, 0.98) - np.quantile(part, 0.2) > 120, "too little contrast"


@pytest.mark.parametrize("ground", [16, 120, 235])
def test_letters_stand_out_on_any_ground(ground: int) -> None:
    old = picture(640, 480, "yuv420p", ground)
    new = stamped(old, "filtered")
    left, top, right, bottom = box_of(old.planes[0], new.planes[0])
    part = new.planes[0][top:bottom, left:right].astype(int)
    assert np.quantile(part, 0.98) > np.median(part) + 110


@pytest.mark.parametrize("layout", ["yuv420p", "yuv422p", "yuv444p", "gray", "rgb24"])
def test_every_layout_and_odd_sizes_can_carry_it(layout: PixelFormat) -> None:
    old = picture(321, 241, layout, 200)
    new = stamped(old, "filtered · sad")
    assert [p.shape for p in new.planes] == [p.shape for p in old.planes]
    assert int(new.planes[0].max()) > 225
    assert int(new.planes[0].min()) < 110
    for plane in new.planes[1:]:
        assert 125 <= int(plane.min()) <= 165, "the colour below is not covered"
        assert int(plane[:100].min()) == 200


def test_a_picture_too_small_for_the_words_gets_the_sign_alone() -> None:
    old = picture(96, 72, "yuv420p")
    left, top, right, bottom = box_of(old.planes[0], stamped(old, "filtered · sad").planes[0])
    assert right - left < 30
    assert bottom - top < 24
    tiny = picture(16, 8, "yuv420p")
    assert stamped(tiny, "filtered · surprise").planes[0].shape == (8, 16)


def test_it_can_be_fainter_on_its_way_out() -> None:
    old = picture(640, 480, "yuv420p")
    full, half = (
        np.abs(stamped(old, "filtered", share).planes[0].astype(int) - 120).sum()
        for share in (1.0, 0.5)
    )
    assert half == pytest.approx(full / 2, rel=0.1)


def test_it_says_what_is_shown() -> None:
    assert label(Edit(Emotion.ANGRY)) == "filtered · angry"
    assert label(Edit(Emotion.ANGRY, affect=(0.5, 0.5))) == "filtered"
    assert label(Edit()) == "filtered"

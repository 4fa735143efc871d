"""What comes after the filter: held pictures, dropped edits, and when badge and mark are there."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from realtime.clock import MS
from realtime.mark import found_in
from realtime.presentation import LINGER, THAW, Presentation
from realtime.types import PANIC, Edit, Emotion, Filtered, Frame, PixelFormat, Rung, Show
from tests.portrait import frame as filmed
from tests.portrait import photograph

HAPPY = Edit(Emotion.HAPPY)
PLAIN = Show(badge=False, mark=False)
PERIOD = 33 * MS


def camera(seq: int, layout: PixelFormat = "yuv420p") -> Frame:
    """A calm room, a little brighter each time."""
    rgb = np.full((240, 320, 3), 90 + seq, np.uint8)
    return replace(filmed(rgb, seq, layout), captured=seq * PERIOD, pts=seq)


def filtered(came: Frame, *, edited: bool = True, rung: Rung = Rung.GEOMETRIC) -> Filtered:
    """The same with a white square for the face's edit."""
    if not edited:
        return Filtered(came, rung, presence=1.0)
    first = came.planes[0].copy()
    first[80:120, 100:140] = 235
    return Filtered(came.with_planes((first, *came.planes[1:])), rung, presence=1.0, edited=True)


def same(a: Frame, b: Frame) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a.planes, b.planes, strict=True))


def corner(frame: Frame) -> float:
    """How far the bottom right, where the badge stands, is from plain."""
    return float(np.ptp(frame.planes[0][-40:, -160:].astype(int)))


def test_without_badge_and_mark_a_picture_is_left_alone() -> None:
    came = camera(0)
    out = filtered(came)
    assert Presentation()(came, out, HAPPY, PLAIN) is out


def test_badge_and_mark_are_there_only_while_something_is_edited() -> None:
    present = Presentation()
    came = camera(0)
    bare = present(came, filtered(came, edited=False), Edit(), Show())
    assert bare is not None
    assert same(bare.frame, came)
    came = camera(1)
    out = present(came, filtered(came), HAPPY, Show())
    assert out is not None
    assert corner(out.frame) > 100
    assert found_in([out.frame]).word == "happy"
    assert not same(came, out.frame)
    assert same(came, camera(1)), "the camera's own picture was written to"


@pytest.mark.parametrize(
    ("show", "badge", "mark"),
    [(Show(badge=False), False, True), (Show(mark=False), True, False), (PLAIN, False, False)],
)
def test_each_is_switched_by_itself(show: Show, badge: bool, mark: bool) -> None:
    came = camera(1)
    out = Presentation()(came, filtered(came), HAPPY, show)
    assert out is not None
    assert (corner(out.frame) > 100, found_in([out.frame]).sure) == (badge, mark)


def test_the_badge_fades_with_the_edit_and_a_panic_takes_it_away_at_once() -> None:
    def corners(edit: Edit) -> list[float]:
        present = Presentation()
        present(camera(0), filtered(camera(0)), HAPPY, Show(mark=False))
        shown = [
            present(camera(i), filtered(camera(i), edited=False), edit, Show(mark=False))
            for i in range(1, 12)
        ]
        return [corner(out.frame) for out in shown if out is not None]

    fading = corners(Edit())
    assert fading[0] > 100
    assert fading == sorted(fading, reverse=True)
    assert fading[LINGER // PERIOD + 1] == 0
    assert corners(PANIC)[0] == 0


def test_a_frozen_picture_stays_while_time_goes_on() -> None:
    present, frozen = Presentation(), replace(PLAIN, frozen=True)
    shown = [present(camera(i), filtered(camera(i)), HAPPY, frozen) for i in range(5)]
    first = shown[0]
    assert first is not None
    for i, out in enumerate(shown):
        assert out is not None
        assert same(out.frame, first.frame)
        assert (out.frame.captured, out.frame.pts, out.frame.seq) == (i * PERIOD, i, i)


def test_a_picture_thaws_without_a_jump() -> None:
    present, frozen = Presentation(), replace(PLAIN, frozen=True)
    present(camera(0), filtered(camera(0)), HAPPY, frozen)
    for i in range(1, 31):
        present(camera(i), filtered(camera(i)), HAPPY, frozen)
    shown = [present(camera(i), filtered(camera(i)), HAPPY, PLAIN) for i in range(31, 40)]
    levels = [float(out.frame.planes[0][0, 0]) for out in shown if out is not None]
    live = [float(camera(i).planes[0][0, 0]) for i in range(31, 40)]
    assert levels == sorted(levels)
    assert levels[0] < live[0] - 10
    assert levels[THAW // PERIOD + 1 :] == live[THAW // PERIOD + 1 :]


def test_a_panic_uncovers_a_frozen_picture_and_keeps_it_frozen() -> None:
    present, frozen = Presentation(), Show(frozen=True)
    present(camera(0), filtered(camera(0)), HAPPY, frozen)
    out = present(camera(1), filtered(camera(1), edited=False), PANIC, frozen)
    assert out is not None
    assert same(out.frame, camera(0))
    assert not out.edited


@pytest.mark.parametrize("late", [filtered(camera(3), rung=Rung.REPEAT), None])
def test_after_a_panic_no_edited_picture_is_repeated(late: Filtered | None) -> None:
    came = camera(9)
    out = Presentation()(came, late, PANIC, Show())
    assert out is not None
    assert out.frame is came
    assert out.rung is Rung.UNFILTERED


def test_without_a_panic_nothing_is_uncovered() -> None:
    assert Presentation()(camera(0), None, Edit(), Show()) is None
    held = filtered(camera(0), rung=Rung.REPEAT)
    assert Presentation()(camera(1), held, HAPPY, PLAIN) is held


def test_a_camera_that_changes_its_size_thaws_at_once() -> None:
    present = Presentation()
    present(camera(0), filtered(camera(0)), HAPPY, replace(PLAIN, frozen=True))
    small = Frame(
        tuple(np.full(s, 90, np.uint8) for s in ((48, 64), (24, 32), (24, 32))),
        "yuv420p", PERIOD, 1, Fraction(1, 30), 1,
    )  # fmt: skip
    out = present(small, Filtered(small, Rung.GEOMETRIC), HAPPY, PLAIN)
    assert out is not None
    assert out.frame is small


def test_a_real_edit_says_that_it_is_one() -> None:
    """The filter itself tells whether pixels were changed: badge and mark hang on that."""
    from realtime.build import build_filter
    from realtime.clock import Deadline
    from realtime.config import FilterSettings

    film = build_filter(FilterSettings())
    try:
        for edit, edited in ((Edit(), False), (HAPPY, True), (Edit(Emotion.SAD, 0.0), False)):
            film.reset()
            out = film(filmed(photograph()), edit, Deadline(None))
            assert out is not None
            assert out.edited is edited
    finally:
        film.close()

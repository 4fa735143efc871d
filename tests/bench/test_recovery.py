from __future__ import annotations

from bench.recovery import longest_still
from realtime.clock import MS


def test_a_picture_that_is_shown_again_and_again_is_still():
    moving = [(33.0 * i, i) for i in range(10)]
    held = [(297.0 + 16 * i, 9) for i in range(60)]
    back = [(1400.0 + 33 * i, 50 + i) for i in range(10)]
    assert longest_still([*moving, *held, *back]) == round((1400 - 297) * MS)


def test_no_picture_at_all_is_still_too():
    assert longest_still([(0.0, 1), (33.0, 2), (2033.0, 3)]) == 2000 * MS

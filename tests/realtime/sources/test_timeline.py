"""Stamps that make sense stay; the rest are mended so that a film can be made of them."""

from __future__ import annotations

import pytest

from realtime.sources.timeline import Timeline


@pytest.mark.parametrize(
    ("stamps", "placed", "mended"),
    [
        ([0, 40, 80], [0, 40, 80], 0),
        ([-40, 0, 1000, 1001], [-40, 0, 1000, 1001], 0),
        ([None, None, None], [0, 40, 80], 0),
        ([7, None, 90], [7, 47, 90], 0),
        ([0, 40, 40, 30, 80], [0, 40, 41, 42, 80], 2),
        ([5000, 5040, 100, 140, 180], [5000, 5040, 5080, 5120, 5160], 1),
        ([5000, 100, 6000, 200], [5000, 5040, 10_940, 10_980], 2),
    ],
)
def test_stamps(stamps: list[int | None], placed: list[int], mended: int) -> None:
    timeline = Timeline(jump=1000)
    assert [timeline.place(stamp, 40) for stamp in stamps] == placed
    assert timeline.mended == mended


def test_the_least_step_is_kept() -> None:
    timeline = Timeline(jump=1000, least=5)
    assert [timeline.place(stamp, 40) for stamp in (0, 0, 3)] == [0, 5, 10]

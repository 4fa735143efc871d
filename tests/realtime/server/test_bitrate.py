"""The rate follows the network; tried by telling it what receivers would."""

from __future__ import annotations

import pytest

from realtime.server.bitrate import HIGHEST, LOWEST, PATIENCE, SCALES, START, Bitrate, S, Size


def after(rate: Bitrate, losses: list[float]) -> int:
    """Return the target after one report a second."""
    for second, lost in enumerate(losses):
        rate.report(lost, second * S)
    return rate.target


def test_it_starts_sharp_and_climbs_while_nothing_is_lost() -> None:
    rate = Bitrate()
    assert rate.target == START
    assert after(rate, [0.0] * 6) > 1.3 * START
    assert after(Bitrate(), [0.0] * 60) == HIGHEST


def test_a_receiver_that_gets_less_through_gets_less_at_once() -> None:
    rate = Bitrate()
    rate.estimate(700_000)
    assert rate.target == 700_000
    rate.estimate(10)
    assert rate.target == LOWEST
    rate.estimate(10**9)
    assert rate.target == START, "no jump beyond what was tried"


def test_five_percent_of_loss_is_the_networks_own_and_changes_nothing() -> None:
    assert after(Bitrate(), [0.05] * 30) == START


def test_heavy_loss_halves_the_rate_in_seconds_but_never_to_nothing() -> None:
    assert after(Bitrate(), [0.3] * 5) < 0.5 * START
    assert after(Bitrate(), [1.0] * 60) == LOWEST


def test_after_the_loss_it_comes_back() -> None:
    rate = Bitrate()
    low = after(rate, [0.3] * 8)
    for second in range(8, 20):
        rate.report(0.0, second * S)
    assert rate.target > 2 * low


def test_a_cap_does_not_run_ahead_of_an_estimate_that_stays_low() -> None:
    rate = Bitrate()
    rate.estimate(500_000)
    after(rate, [0.0] * 60)
    rate.estimate(HIGHEST)
    assert rate.target == START, "what was never sent is not believed to get through"


def size_at(bits: int, width: int = 1280, height: int = 720) -> tuple[int, int]:
    size = Size()
    for i in range(len(SCALES)):
        size = size.after(bits, width, height, i)
    return size.of(width, height)


def test_a_thin_line_gets_a_smaller_picture_and_vga_stays_whole() -> None:
    assert size_at(2_000_000) == (1280, 720)
    assert size_at(500_000) == (960, 540)
    assert size_at(LOWEST) == (640, 360)
    assert size_at(LOWEST, 640, 480) == (640, 480)


def test_a_larger_picture_comes_back_late_and_only_when_there_is_room() -> None:
    small = Size().after(500_000, 1280, 720, 0)
    assert small.step == 1
    assert small.after(2_000_000, 1280, 720, PATIENCE - 1) == small
    assert small.after(750_000, 1280, 720, PATIENCE) == small, "just enough would go back and forth"
    assert small.after(2_000_000, 1280, 720, PATIENCE).step == 0


@pytest.mark.parametrize(("width", "height"), [(641, 479), (1, 1), (33, 3), (16, 16)])
def test_sides_are_even_and_never_nothing(width: int, height: int) -> None:
    for step in range(len(SCALES)):
        columns, rows = Size(step).of(width, height)
        assert columns >= 2
        assert rows >= 2
        assert columns % 2 == rows % 2 == 0

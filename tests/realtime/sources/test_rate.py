"""The rate is counted, not believed."""

from __future__ import annotations

from realtime.clock import SECOND
from realtime.sources.rate import RateMeter


def test_the_rate_is_what_came_in_the_last_two_seconds() -> None:
    meter = RateMeter()
    assert meter.at(0) == 0
    for i in range(300):
        meter.note(i * SECOND // 30)
    assert round(meter.at(10 * SECOND), 3) == 30
    for i in range(20):
        meter.note(10 * SECOND + i * SECOND // 10)
    assert round(meter.at(12 * SECOND), 1) == 10


def test_silence_is_a_rate_of_nothing() -> None:
    meter = RateMeter()
    for i in range(30):
        meter.note(i * SECOND // 30)
    assert meter.at(5 * SECOND) == 0


def test_frames_that_came_at_once_are_no_rate() -> None:
    meter = RateMeter()
    meter.note(7)
    meter.note(7)
    assert meter.at(7) == 0

"""The delay that picture and sound share."""

from __future__ import annotations

from realtime.clock import MS
from realtime.sound.delay import PlayoutDelay

FRAME = 33 * MS


def test_the_slower_of_the_two_decides() -> None:
    delay = PlayoutDelay(FRAME)
    assert delay.ns == 0
    for i in range(100):
        delay.picture_took(20 * MS, i * FRAME)
    assert delay.ns == 53 * MS
    for i in range(100):
        delay.sound_takes(90 * MS, i * 10 * MS)
    assert delay.ns == 100 * MS
    for i in range(100, 110):
        delay.picture_took(220 * MS, i * FRAME)
    assert delay.ns == 253 * MS


def test_one_slow_block_of_sound_in_ten_seconds_does_not_raise_it() -> None:
    delay = PlayoutDelay(FRAME)
    for i in range(1000):
        delay.sound_takes(200 * MS if i == 700 else 40 * MS, i * 10 * MS)
    assert delay.ns == 50 * MS


def test_a_microphone_that_is_away_is_not_waited_for() -> None:
    delay = PlayoutDelay(FRAME)
    delay.picture_took(20 * MS, 0)
    delay.sound_takes(5000 * MS, 0)
    assert delay.ns == 53 * MS


def test_the_offset_holds_back_whichever_would_be_early() -> None:
    late_sound, late_picture = PlayoutDelay(FRAME, 40 * MS), PlayoutDelay(FRAME, -40 * MS)
    for delay in (late_sound, late_picture):
        delay.picture_took(20 * MS, 0)
    assert (late_sound.picture, late_sound.sound) == (53 * MS, 93 * MS)
    assert (late_picture.picture, late_picture.sound) == (93 * MS, 53 * MS)


def test_it_never_grows_beyond_a_conversation() -> None:
    delay = PlayoutDelay(FRAME)
    delay.picture_took(5000 * MS, 0)
    assert delay.ns == 1000 * MS

from __future__ import annotations

from realtime.clock import MS
from realtime.sync import Dwell, Playout

STEP = 20 * MS


def test_dwell_grows_at_once_and_shrinks_slowly() -> None:
    dwell = Dwell(window=20)
    for i in range(20):
        dwell.add(15 * MS, i * 33 * MS)
    assert dwell.ns == 15 * MS
    for i in range(20, 23):
        dwell.add(100 * MS, i * 33 * MS)
    assert dwell.ns == 100 * MS
    for i in range(23, 53):
        dwell.add(15 * MS, i * 33 * MS)
    assert 92 * MS < dwell.ns < 100 * MS, "about 5 ms in a second, so that no skip is heard"


def test_one_late_picture_does_not_move_the_sound() -> None:
    dwell = Dwell()
    for i in range(64):
        dwell.add(15 * MS, i * 33 * MS)
    dwell.add(300 * MS, 64 * 33 * MS)
    assert dwell.ns == 15 * MS


def test_sound_is_played_at_its_capture_plus_the_delay() -> None:
    playout: Playout[str] = Playout(limit=10, slack=60 * MS)
    playout.put("a", 0)
    playout.put("b", STEP)
    delay = 30 * MS
    played = [playout.take(now * MS, delay) for now in (0, 20, 40, 60, 80)]
    assert played == [None, None, "a", "b", None]
    assert playout.silent == 3


def test_a_shorter_delay_catches_up_by_leaving_out_and_counts_it() -> None:
    playout: Playout[int] = Playout(limit=50, slack=60 * MS)
    for i in range(20):
        playout.put(i, i * STEP)
    assert playout.take(200 * MS, delay=200 * MS) == 0
    later = playout.take(220 * MS, delay=0)
    assert later is not None
    assert 220 * MS - later * STEP <= 60 * MS
    assert playout.skipped == later - 1


def test_a_burst_beyond_the_limit_pushes_out_the_oldest_and_counts_it() -> None:
    playout: Playout[int] = Playout(limit=5, slack=10**12)
    for i in range(8):
        playout.put(i, 0)
    assert [playout.take(0, 0) for _ in range(6)] == [3, 4, 5, 6, 7, None]
    assert playout.overflowed == 3

from __future__ import annotations

from itertools import pairwise

from realtime.clock import MS
from realtime.sync import FASTEST, FINDING, Dwell, Start


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
    assert 60 * MS < dwell.ns < 80 * MS, "within a second"


def test_a_dwell_far_above_need_falls_to_it_in_seconds_and_gently_at_last() -> None:
    dwell = Dwell()
    for i in range(64):
        dwell.add(700 * MS, i * 33 * MS)
    fallen: list[int] = [dwell.ns]
    for i in range(64, 64 + 300):
        dwell.add(100 * MS, i * 33 * MS)
        fallen.append(dwell.ns)
    assert max(a - b for a, b in pairwise(fallen)) <= FASTEST * 34 // 1000
    assert fallen[-1] < 120 * MS, "ten seconds later"
    slowest = fallen[-30] - fallen[-1]
    assert slowest < 20 * MS, "in the last second of them"


def test_trouble_that_is_over_is_left_soon_and_one_late_picture_brings_it_back() -> None:
    dwell = Dwell(128)
    now = 0

    def pass_by(count: int, usual: int, every: int = 1, late: int = 0) -> None:
        nonlocal now
        for i in range(count):
            now += 33 * MS
            dwell.add((usual if i % every else late or usual) * MS, now)

    pass_by(200, usual=100)
    pass_by(90, usual=100, every=8, late=250)
    assert dwell.ns > 240 * MS
    pass_by(60, usual=100)
    assert dwell.ns < 225 * MS, "two seconds later"
    pass_by(1, usual=250)
    assert dwell.ns > 240 * MS
    pass_by(300, usual=100)
    assert dwell.ns < 110 * MS
    pass_by(1, usual=250)
    assert dwell.ns < 110 * MS, "long ago"


def test_what_must_not_come_too_late_keeps_room_for_the_latest_of_late() -> None:
    dwell = Dwell(60, cautious=True)
    for i in range(100):
        dwell.add(300 * MS, i * 20 * MS)
    for i in range(100, 1000):
        dwell.add((20 if i % 15 else 60) * MS, i * 20 * MS)
    assert dwell.ns == 60 * MS
    for i in range(1000, 1400):
        dwell.add(20 * MS, i * 20 * MS)
    assert dwell.ns < 25 * MS


def test_one_late_picture_does_not_move_the_rest() -> None:
    dwell = Dwell()
    for i in range(64):
        dwell.add(15 * MS, i * 33 * MS)
    dwell.add(300 * MS, 64 * 33 * MS)
    assert dwell.ns == 15 * MS


def test_slow_first_pictures_are_forgotten() -> None:
    dwell = Dwell()
    dwell.add(900 * MS, 0)
    for i in range(1, 2 * FINDING):
        dwell.add(20 * MS, i * 33 * MS)
    assert dwell.ns == 20 * MS


def test_tracks_begin_when_both_have_something() -> None:
    start = Start(("video", "audio"), patience=1500 * MS)
    assert not start.open(10_000 * MS), "nothing has come, however long it takes"
    start.came("audio", 10_000 * MS)
    assert not start.open(10_500 * MS)
    start.came("video", 10_600 * MS)
    assert start.open(10_600 * MS)


def test_a_missing_camera_or_microphone_holds_up_the_other_for_a_while_only() -> None:
    for kind in ("video", "audio"):
        start = Start(("video", "audio"), patience=1500 * MS)
        for now in range(0, 1500, 100):
            start.came(kind, now * MS)
            assert not start.open(now * MS)
        assert start.open(1500 * MS)

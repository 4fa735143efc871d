from __future__ import annotations

from realtime.clock import MS
from realtime.sync import FINDING, Dwell, Start


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

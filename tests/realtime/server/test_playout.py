from __future__ import annotations

from itertools import pairwise

import pytest

from realtime.clock import MS
from realtime.server.playout import (
    FALL,
    GREATEST_LEAD,
    MARGIN,
    MOST,
    SOUND_LAG,
    SPARE,
    USUAL_LEAD,
    Playout,
)
from realtime.server.reports import Sent


def run(playout: Playout, picture: int, sound: int, count: int = 300, since: int = 0) -> None:
    for i in range(since, since + count):
        playout.picture_took(picture, i * 33 * MS)
        playout.sound_takes(sound, i * 33 * MS)


def receive(playout: Playout, picture: int, sound: int, apart: int = 0) -> None:
    """Let a receiver take ``picture`` and ``sound`` from release to showing and playing."""
    pictures = [(Sent(0, apart + 10 * MS), 10 * MS + apart + picture + i * MS) for i in (-1, 0, 1)]
    sounds = [(Sent(0, 30 * MS), 30 * MS + sound)]
    playout.received(pictures, sounds)


def test_sound_leaves_sooner_than_the_picture_by_what_the_receiver_keeps_it_longer() -> None:
    playout = Playout()
    run(playout, picture=90 * MS, sound=25 * MS)
    assert playout.picture == 90 * MS + MARGIN
    assert playout.sound == playout.picture - USUAL_LEAD
    for _ in range(5):
        receive(playout, picture=20 * MS, sound=40 * MS)
    assert playout.lead == 20 * MS + SOUND_LAG
    assert playout.picture - playout.sound == playout.lead


def test_the_picture_waits_where_sound_cannot_leave_soon_enough() -> None:
    playout = Playout()
    run(playout, picture=20 * MS, sound=30 * MS)
    for _ in range(5):
        receive(playout, picture=15 * MS, sound=110 * MS)
    assert playout.sound == 30 * MS + SPARE
    assert playout.picture == playout.sound + 95 * MS + SOUND_LAG


def test_a_receiver_that_keeps_pictures_longer_gets_its_sound_later() -> None:
    playout = Playout()
    run(playout, picture=20 * MS, sound=30 * MS)
    for _ in range(5):
        receive(playout, picture=150 * MS, sound=50 * MS)
    assert playout.sound - playout.picture == 100 * MS - SOUND_LAG


def test_one_odd_report_changes_nothing_and_a_lasting_change_is_followed_in_two_seconds() -> None:
    playout = Playout()
    for _ in range(3):
        receive(playout, picture=20 * MS, sound=80 * MS)
    receive(playout, picture=20 * MS, sound=900 * MS)
    assert playout.lead == 60 * MS + SOUND_LAG
    for _ in range(3):
        receive(playout, picture=20 * MS, sound=120 * MS)
    assert playout.lead == 100 * MS + SOUND_LAG


def test_a_browser_that_needs_less_again_is_followed_without_a_jump_in_the_picture() -> None:
    playout = Playout()
    for _ in range(3):
        receive(playout, picture=20 * MS, sound=180 * MS)
    leads = [playout.lead]
    for _ in range(12):
        receive(playout, picture=20 * MS, sound=60 * MS)
        leads.append(playout.lead)
    assert max(a - b for a, b in pairwise(leads)) <= FALL < 33 * MS
    assert leads[-1] == 40 * MS + SOUND_LAG


def test_a_little_that_a_browser_changes_is_followed_without_haste_but_all_of_it() -> None:
    playout = Playout()
    receive(playout, picture=20 * MS, sound=60 * MS)
    leads = [playout.lead]
    for _ in range(12):
        receive(playout, picture=20 * MS, sound=63 * MS)
        leads.append(playout.lead)
    assert max(b - a for a, b in pairwise(leads)) <= MS
    assert leads[-1] == leads[0] + 3 * MS


def test_a_call_is_never_delayed_without_end() -> None:
    playout = Playout()
    run(playout, picture=9_000 * MS, sound=9_000 * MS)
    for _ in range(5):
        receive(playout, picture=0, sound=9_000 * MS)
    assert playout.lead == GREATEST_LEAD
    assert playout.picture <= MOST


def test_a_filter_that_becomes_slow_is_followed_at_once_by_both_and_left_slowly() -> None:
    playout = Playout()
    run(playout, picture=20 * MS, sound=25 * MS)
    before = playout.sound
    run(playout, picture=220 * MS, sound=25 * MS, count=8, since=300)
    assert playout.picture == 220 * MS + MARGIN
    assert playout.sound - before >= 120 * MS
    run(playout, picture=20 * MS, sound=25 * MS, count=60, since=308)
    assert 130 * MS < playout.picture < 220 * MS
    run(playout, picture=20 * MS, sound=25 * MS, count=300, since=368)
    assert playout.picture < before + USUAL_LEAD + 20 * MS, "and in ten seconds it is as before"


def test_without_sound_the_picture_waits_for_nothing() -> None:
    playout = Playout()
    for i in range(100):
        playout.picture_took(20 * MS, i * 33 * MS)
    assert playout.picture == 20 * MS + MARGIN
    assert playout.offset is None


def test_the_offset_at_the_receiver_is_positive_where_sound_is_early() -> None:
    playout = Playout()
    receive(playout, picture=20 * MS, sound=60 * MS, apart=80 * MS)
    # The picture was shown 110 ms after its capture, the sound played 90 ms after, and heard later.
    assert playout.offset == pytest.approx(20 * MS - SOUND_LAG)
    playout.received([], [])
    assert playout.offset == pytest.approx(20 * MS - SOUND_LAG), "no news is no change"

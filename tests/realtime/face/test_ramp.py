"""An edit that changes does so gently, in the time that was asked for."""

from __future__ import annotations

import numpy as np

from realtime.clock import MS
from realtime.face import basis, furrows
from realtime.face.emotion import Wish, wish
from realtime.face.ramp import Ramp
from realtime.types import Edit, Emotion

SMILE = basis.INDEX["mouthSmileLeft"]


def of(value: float) -> Wish:
    add = np.zeros(52, np.float32)
    add[SMILE] = value
    return Wish(add, 0.5 * add, np.full(len(furrows.FURROWS), value, np.float32))


def at(ramp: Ramp, value: float, ms: float, ramp_ms: float = 250) -> float:
    return float(ramp(of(value), round(ms * MS), ramp_ms).add[SMILE])


def test_the_first_wish_is_there_at_once():
    assert at(Ramp(), 0.9, 5000) == np.float32(0.9)


def test_a_change_takes_its_time_and_not_longer():
    ramp = Ramp()
    at(ramp, 0, 0)
    at(ramp, 1, 1000)
    assert at(ramp, 1, 1010) < 0.02
    assert 0.4 < at(ramp, 1, 1125) < 0.6
    assert at(ramp, 1, 1240) > 0.98
    assert at(ramp, 1, 1250) == 1


def test_it_goes_one_way_without_a_jump():
    ramp = Ramp()
    at(ramp, 0, 0)
    way = np.array([at(ramp, 1, 10 * t) for t in range(1, 30)])
    assert (np.diff(way) >= 0).all()
    assert np.diff(way).max() < 0.07
    assert np.abs(np.diff(way, n=2)).max() < 0.02  # nor does its speed jump


def test_an_interrupted_change_goes_on_from_where_it_is():
    ramp = Ramp()
    at(ramp, 0, 0)
    at(ramp, 1, 1000)
    reached = at(ramp, 1, 1100)
    assert 0.2 < reached < 0.8
    assert at(ramp, -1, 1100) == reached
    assert reached - 0.1 < at(ramp, -1, 1120) < reached
    assert at(ramp, -1, 1350) == -1


def test_a_slider_that_is_dragged_never_makes_a_jump():
    ramp = Ramp()
    at(ramp, 0, 0)
    shown = [at(ramp, min(1.0, t / 20), 33 * t) for t in range(1, 40)]
    assert max(np.diff(shown)) < 0.2
    assert shown[-1] == 1


def test_without_a_ramp_it_is_there_at_once():
    ramp = Ramp()
    at(ramp, 0, 0)
    assert at(ramp, 1, 33, ramp_ms=0) == 1


def test_the_same_wish_again_does_not_start_anew():
    ramp = Ramp()
    at(ramp, 0, 0)
    at(ramp, 1, 100)
    at(ramp, 1, 225)
    assert at(ramp, 1, 350) == 1


def test_every_part_of_the_wish_is_ramped():
    ramp = Ramp()
    ramp(wish(Edit()), 0, 250)
    goal = wish(Edit(Emotion.SAD))
    ramp(goal, 0, 250)
    half = ramp(goal, 125 * MS, 250)
    np.testing.assert_allclose(half.add, goal.add / 2, atol=0.02)
    np.testing.assert_allclose(half.calm, goal.calm / 2, atol=0.02)
    np.testing.assert_allclose(half.shade, goal.shade / 2, atol=0.02)


def test_an_edit_ramps_over_a_quarter_of_a_second_unless_told_otherwise():
    assert Edit().ramp_ms == 250

"""An edit fades where a face cannot carry it, and comes back as gently."""

from __future__ import annotations

import numpy as np
import pytest

from realtime.clock import MS
from realtime.face.pose import Head
from realtime.face.presence import Presence, allowed
from tests.realtime.face.faces import filmed, head, showing

FRONTAL = head()


def along(scores: list[float], period_ms: float = 33.3, at: Head = FRONTAL) -> list[float]:
    presence = Presence()
    return [
        presence(at, filmed(showing(), at, score=s), round(i * period_ms * MS))
        for i, s in enumerate(scores)
    ]


def seconds(values: list[float], level: float) -> float:
    """Return how long it takes from the first frame until ``level`` is reached."""
    return next(i for i, v in enumerate(values) if abs(v - level) < 0.02) / 30


def test_the_first_face_carries_the_edit_at_once():
    assert along([1.0]) == [1.0]


def test_a_lost_face_fades_over_a_fifth_of_a_second_and_comes_back_as_fast():
    out, back = np.split(np.array(along([1.0] * 5 + [0.0] * 15 + [1.0] * 15))[5:], [15])
    for way in (out, 1 - back):
        assert (np.diff(way) <= 0).all()
        assert np.diff(way).min() > -0.25, "it pops"
        assert 0.13 <= seconds(way.tolist(), 0.0) <= 0.27


def test_a_flicker_of_the_tracker_is_hardly_seen():
    values = along([1.0] * 10 + [0.0] + [1.0] * 10)
    assert min(values) > 0.8


@pytest.mark.parametrize("period_ms", [16.7, 33.3, 100.0, 250.0, 1000.0])
def test_a_slow_camera_gets_the_whole_edit(period_ms: float):
    assert along([1.0] * 12, period_ms)[-1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("pose", "carried"),
    [
        (head(), 1.0),
        (head(yaw=25, pitch=10), 1.0),
        (head(roll=80), 1.0),
        (head(yaw=75), 0.0),
        (head(yaw=-75), 0.0),
        (head(pitch=60), 0.0),
        (head(unit=25), 1.0),
        (head(unit=6), 0.0),
    ],
)
def test_a_face_turned_away_or_tiny_carries_nothing(pose: Head, carried: float):
    assert allowed(pose, filmed(showing(), pose)) == pytest.approx(carried, abs=0.01)


def test_a_head_that_turns_lets_go_gradually():
    values = [allowed(head(yaw=y), filmed(showing(), head(yaw=y))) for y in range(0, 80, 2)]
    assert (np.diff(values) <= 0).all()
    assert np.diff(values).min() > -0.3


def test_a_covered_face_carries_nothing_and_a_sure_one_all():
    assert allowed(FRONTAL, filmed(showing(), score=0.2)) == 0
    assert allowed(FRONTAL, filmed(showing(), score=0.95)) == 1

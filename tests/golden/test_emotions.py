"""The whole filter on a real face: what it shows is found again in the finished picture."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeAlias

import pytest

from realtime.types import Edit, Emotion
from tests import portrait
from tests.golden.conftest import Play
from tests.golden.features import Features, measure

Shown: TypeAlias = Callable[[Emotion, float], Features]

SHOWN = [emotion for emotion in Emotion if emotion is not Emotion.NEUTRAL]

CLEAR = 0.015
"""A change in eye distances that is well above what MediaPipe makes of the same face twice."""


@pytest.fixture(scope="session")
def before() -> Features:
    return measure(portrait.act())


@pytest.fixture(scope="session")
def shown(play: Play) -> Shown:
    """Return what measures the portrait with an emotion, each once."""

    @cache
    def run(emotion: Emotion, intensity: float) -> Features:
        return measure(
            portrait.rgb_of(play([portrait.act()] * 3, Edit(emotion, intensity))[-1].frame)
        )

    return run


def test_happy_lifts_and_widens_the_mouth(before: Features, shown: Shown):
    after = shown(Emotion.HAPPY, 1.0)
    assert min(a - b for a, b in zip(after.corners, before.corners, strict=True)) > CLEAR
    assert after.mouth > before.mouth + 2 * CLEAR
    assert abs(after.inner_brows - before.inner_brows) < 0.05


def test_sad_lowers_the_corners_and_lifts_the_inner_brows(before: Features, shown: Shown):
    after = shown(Emotion.SAD, 1.0)
    assert max(a - b for a, b in zip(after.corners, before.corners, strict=True)) < -CLEAR
    assert after.inner_brows > before.inner_brows + CLEAR
    assert after.inner_brows - before.inner_brows > after.outer_brows - before.outer_brows + 0.01


def test_angry_lowers_the_brows(before: Features, shown: Shown):
    after = shown(Emotion.ANGRY, 1.0)
    assert after.inner_brows < before.inner_brows - CLEAR
    assert after.mouth < before.mouth + CLEAR
    assert after.corners_mean < before.corners_mean + CLEAR


@pytest.mark.parametrize("emotion", [Emotion.FEAR, Emotion.SURPRISE])
def test_fear_and_surprise_lift_the_brows_and_open_the_eyes(
    before: Features, shown: Shown, emotion: Emotion
):
    after = shown(emotion, 1.0)
    assert after.inner_brows > before.inner_brows + 0.01
    assert after.eyes > before.eyes + 0.01


def test_disgust_lifts_nose_and_upper_lip(before: Features, shown: Shown):
    after = shown(Emotion.DISGUST, 1.0)
    assert after.wings > before.wings
    assert after.upper_lip > before.upper_lip + CLEAR
    assert after.inner_brows < before.inner_brows


def test_contempt_is_one_sided(before: Features, shown: Shown):
    after = shown(Emotion.CONTEMPT, 1.0)
    right, left = (a - b for a, b in zip(after.corners, before.corners, strict=True))
    assert abs(left - right) > CLEAR


TELLING: dict[Emotion, tuple[Callable[[Features], float], int]] = {
    Emotion.HAPPY: (lambda f: f.corners_mean + f.mouth, 1),
    Emotion.SAD: (lambda f: f.corners_mean - f.inner_brows, -1),
    Emotion.ANGRY: (lambda f: f.inner_brows + f.outer_brows, -1),
    Emotion.FEAR: (lambda f: f.inner_brows + f.eyes, 1),
    Emotion.DISGUST: (lambda f: f.upper_lip + f.wings, 1),
    Emotion.SURPRISE: (lambda f: f.inner_brows + f.outer_brows + f.eyes, 1),
    Emotion.CONTEMPT: (lambda f: abs(f.corners[0] - f.corners[1]), 1),
}
"""What grows (1) or shrinks (-1) with each emotion."""


@pytest.mark.parametrize("emotion", SHOWN)
def test_more_intensity_shows_more(before: Features, shown: Shown, emotion: Emotion):
    of, sign = TELLING[emotion]
    none, half, one, more = (
        sign * of(f) for f in (before, *(shown(emotion, x) for x in (0.5, 1.0, 1.5)))
    )
    assert none < half < one
    assert half - none > 0.005
    # Beyond what is natural MediaPipe doubts its eyes; the step must not be undone.
    assert more - none > 0.7 * (one - none)


@pytest.mark.parametrize(
    "emotion", [e for e in SHOWN if e not in (Emotion.CONTEMPT, Emotion.DISGUST)]
)
def test_a_negative_intensity_shows_the_opposite(before: Features, shown: Shown, emotion: Emotion):
    of, sign = TELLING[emotion]
    assert sign * of(shown(emotion, -1.0)) < sign * of(before) - 0.01


@pytest.mark.parametrize("emotion", [e for e in SHOWN if e not in (Emotion.FEAR, Emotion.SURPRISE)])
def test_irises_are_not_bent(before: Features, shown: Shown, emotion: Emotion):
    """MediaPipe's irises end at the lids: where those open wide, ``test_eyes`` measures instead."""
    assert shown(emotion, 1.0).iris / before.iris == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("emotion", SHOWN)
def test_a_face_stays_a_face(before: Features, shown: Shown, emotion: Emotion):
    """No feature moves further than a face can."""
    after = shown(emotion, 1.0)
    for name in ("inner_brows", "outer_brows", "upper_lip", "wings", "corners_mean", "eyes"):
        assert abs(getattr(after, name) - getattr(before, name)) < 0.2, name

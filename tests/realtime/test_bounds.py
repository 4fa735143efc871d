"""What a person's limits make of an edit."""

import pytest

from realtime.bounds import Bounds, bounded, tightened
from realtime.types import Edit, Emotion


@pytest.mark.parametrize(("asked", "given"), [(-1.0, -0.5), (0.2, 0.2), (1.5, 0.8)])
def test_intensity_stays_within_the_limits(asked: float, given: float):
    edit = Edit(Emotion.HAPPY, intensity=asked, mouth=0.5)
    assert bounded(edit, Bounds(-0.5, 0.8)) == Edit(Emotion.HAPPY, intensity=given, mouth=0.5)


def test_an_emotion_has_limits_of_its_own_inside_the_common_ones():
    bounds = Bounds(0.0, 0.8, emotions={Emotion.ANGRY: (0.0, 0.3), Emotion.SAD: (0.0, 1.5)})
    assert bounded(Edit(Emotion.ANGRY, 1.0), bounds).intensity == 0.3
    assert bounded(Edit(Emotion.SAD, 1.0), bounds).intensity == 0.8
    assert bounded(Edit(Emotion.HAPPY, 1.0), bounds).intensity == 0.8


def test_a_forbidden_emotion_leaves_the_face_alone():
    bounds = Bounds(forbidden=(Emotion.CONTEMPT,))
    assert bounded(Edit(Emotion.CONTEMPT), bounds).emotion is None
    assert bounded(Edit(Emotion.HAPPY), bounds).emotion is Emotion.HAPPY


def test_a_point_is_held_to_the_emotions_it_lies_between():
    between = Edit(affect=(-0.7, 0.55), intensity=1.0)  # anger, by the circumplex
    assert bounded(between, Bounds(emotions={Emotion.ANGRY: (0.0, 0.3)})).intensity < 0.4
    assert bounded(between, Bounds(emotions={Emotion.HAPPY: (0.0, 0.3)})) == between


def test_the_forbidden_part_of_a_point_is_left_out():
    between = Edit(affect=(-0.6, 0.7), intensity=1.0)  # anger and fear
    left = bounded(between, Bounds(forbidden=(Emotion.ANGRY,)))
    assert left.affect is None
    assert left.emotion is Emotion.FEAR
    assert 0.2 < left.intensity < 0.9
    assert bounded(between, Bounds(forbidden=(Emotion.ANGRY, Emotion.FEAR))).emotion is None


def test_without_limits_nothing_changes():
    edit = Edit(affect=(0.5, 0.5), intensity=-1.0)
    assert bounded(edit, Bounds()) == edit


def test_crossed_limits_are_refused():
    with pytest.raises(ValueError, match="lowest 1 is above highest 0"):
        Bounds(1.0, 0.0)


def test_bounds_hold_for_single_coefficients_too():
    edit = Edit(coefficients=(("mouthSmileLeft", 0.9), ("eyeWideLeft", 0.5), ("tongueOut", 1.0)))
    assert bounded(edit, Bounds()).coefficients == edit.coefficients
    held = dict(bounded(edit, Bounds(highest=0.4)).coefficients)
    assert held == {"mouthSmileLeft": 0.4, "eyeWideLeft": 0.4, "tongueOut": 0.4}
    no_smile = Bounds(forbidden=(Emotion.HAPPY,), emotions={Emotion.SURPRISE: (0.0, 0.1)})
    held = dict(bounded(edit, no_smile).coefficients)
    assert "mouthSmileLeft" not in held, "a forbidden emotion cannot be put together from its parts"
    assert 0 < held["eyeWideLeft"] < 0.2
    assert held["tongueOut"] == 1.0
    assert bounded(edit, Bounds(highest=0.0)).coefficients == ()


def test_what_two_allow_is_what_both_allow():
    settings = Bounds(-0.5, 1.0, {Emotion.SAD: (0.0, 0.5)}, (Emotion.ANGRY,))
    person = Bounds(
        -1.0, 0.8, {Emotion.SAD: (-1.0, 0.9), Emotion.FEAR: (0.0, 0.2)}, (Emotion.FEAR,)
    )
    assert tightened(settings, person) == Bounds(
        -0.5,
        0.8,
        {Emotion.SAD: (0.0, 0.5), Emotion.FEAR: (0.0, 0.2)},
        (Emotion.ANGRY, Emotion.FEAR),
    )
    assert tightened(settings, Bounds()) == settings
    with pytest.raises(ValueError, match="above"):
        tightened(settings, Bounds(lowest=1.1))

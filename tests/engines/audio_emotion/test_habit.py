"""A stranger's manner of speaking is not taken for a mood, and a mood is not taken for a manner."""

from __future__ import annotations

import numpy as np
import pytest

from engines.audio_emotion.calibration import Doubles
from engines.audio_emotion.estimate import EMOTIONS
from engines.audio_emotion.habit import Habit


def sounds(**likely: float) -> Doubles:
    rest = (1 - sum(likely.values())) / (len(EMOTIONS) - len(likely))
    return np.array([likely.get(emotion, rest) for emotion in EMOTIONS])


def after(seconds: float, *heard: Doubles) -> Habit:
    habit = Habit()
    for tenth in range(round(seconds * 10)):
        habit = habit.after(heard[tenth % len(heard)], 0.1)
    return habit


def likelihood(probabilities: Doubles, emotion: str) -> float:
    return float(probabilities[EMOTIONS.index(emotion)])


def test_one_sentence_says_nothing_of_a_habit():
    angry = sounds(angry=0.9)
    np.testing.assert_allclose(after(4, angry).beyond(angry), angry)


@pytest.mark.parametrize("emotion", ["disgust", "sad", "angry"])
def test_what_a_voice_seems_to_feel_for_a_minute_is_believed_no_more(emotion: str):
    creaky = sounds(**{emotion: 0.52, "neutral": 0.24})
    assert likelihood(after(60, creaky).beyond(creaky), emotion) < 0.36


def test_a_voice_that_leaves_no_doubt_is_believed_after_a_minute_too():
    furious = sounds(angry=0.92)
    assert likelihood(after(60, furious).beyond(furious), "angry") > 0.6


def test_a_mood_stands_out_from_another_manner():
    creaky, happy = sounds(disgust=0.6), sounds(happy=0.6, disgust=0.2)
    assert likelihood(after(60, creaky).beyond(happy), "happy") > 0.65


def test_to_be_neutral_most_of_the_time_costs_nothing():
    calm = sounds(neutral=0.8)
    np.testing.assert_allclose(after(120, calm).beyond(calm), calm)


def test_moods_that_change_are_no_manner():
    moods = [sounds(**{emotion: 0.7}) for emotion in EMOTIONS[1:]]
    assert likelihood(after(120, *moods).beyond(moods[0]), "happy") == pytest.approx(0.7, abs=0.02)


def test_a_habit_is_lost_again():
    creaky, calm = sounds(disgust=0.6), sounds(neutral=0.8)
    habit = after(120, creaky)
    for _ in range(6000):
        habit = habit.after(calm, 0.1)
    assert likelihood(habit.beyond(creaky), "disgust") > likelihood(
        after(120, creaky).beyond(creaky), "disgust"
    )
    assert likelihood(habit.beyond(creaky), "disgust") == pytest.approx(0.6, abs=0.05)

"""What is said to be likely is as likely as that."""

from __future__ import annotations

import numpy as np
import pytest

from engines.audio_emotion import calibration
from engines.audio_emotion.scores import score


def guesses(temperature: float) -> tuple[calibration.Doubles, calibration.Ints]:
    """Return logits that are ``temperature`` times too sure, and what was true."""
    random = np.random.default_rng(0)
    honest = random.normal(0, 2, (4000, 7))
    chances = calibration.softmax(honest)
    truth = np.array([random.choice(7, p=row) for row in chances])
    return honest * temperature, truth


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_is_found_and_mends_the_confidence(temperature: float):
    logits, truth = guesses(temperature)
    found = calibration.fit(logits, truth)
    assert found == pytest.approx(temperature, rel=0.1)
    assert calibration.error(calibration.softmax(logits / found), truth) < 0.03


def test_who_is_too_sure_has_an_error():
    logits, truth = guesses(4.0)
    assert calibration.error(calibration.softmax(logits), truth) > 0.15


def test_recall_is_of_each_emotion_and_unweighted():
    truth = np.array([0, 0, 0, 1])
    probabilities = np.eye(7)[[0, 0, 2, 1]]
    got = score(probabilities, truth)
    assert got.recall == {"neutral": pytest.approx(2 / 3), "happy": 1.0}
    assert got.uar == pytest.approx(5 / 6)
    assert got.confusion[0, 2] == 1


def test_who_claims_nothing_is_not_right():
    probabilities = np.zeros((2, 7))
    probabilities[0, 3] = 1
    got = score(probabilities, np.array([3, 3]))
    assert got.uar == 0.5
    assert got.confusion[3, 7] == 1
    assert got.ece == 0

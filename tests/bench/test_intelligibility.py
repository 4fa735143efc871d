"""The measure of a voice agrees with what ears say."""

from __future__ import annotations

import wave

import numpy as np
import pytest

from bench.call.webcam import RATE, write_speech
from bench.network.intelligibility import intelligibility
from realtime.types import Floats


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Floats:
    path = tmp_path_factory.mktemp("voice") / "voice.wav"
    write_speech(path)
    with wave.open(str(path), "rb") as file:
        data = file.readframes(file.getnframes())
    return (np.frombuffer(data, np.int16) / 32_768).astype(np.float32)


def with_gaps(voice: Floats, share: float) -> Floats:
    """Silence 20 ms blocks, as lost packets would be."""
    lost = np.random.default_rng(1).random(len(voice) // 960 + 1) < share
    return np.where(np.repeat(lost, 960)[: len(voice)], 0, voice).astype(np.float32)


def test_the_voice_itself_is_understood_wherever_it_begins(voice: Floats) -> None:
    assert intelligibility(voice, voice, RATE) > 0.97
    assert intelligibility(voice, np.roll(voice, 54_321), RATE) > 0.9


def test_what_is_heard_for_long_counts_to_its_end(voice: Floats) -> None:
    long = np.tile(voice, 5)
    assert intelligibility(voice, long, RATE) > 0.97
    silent = np.where(np.arange(len(long)) < len(long) // 2, long, 0).astype(np.float32)
    assert intelligibility(voice, silent, RATE) == pytest.approx(0.5, abs=0.05)


def test_the_more_is_lost_the_less_is_understood(voice: Floats) -> None:
    scores = [intelligibility(voice, with_gaps(voice, share), RATE) for share in (0, 0.1, 0.3, 0.7)]
    assert scores == sorted(scores, reverse=True)
    assert scores[1] > 0.7
    assert scores[3] < 0.5


def test_noise_says_nothing(voice: Floats) -> None:
    noise = np.random.default_rng(2).normal(0, 0.1, len(voice)).astype(np.float32)
    assert intelligibility(voice, noise, RATE) < 0.5
    assert intelligibility(voice, np.zeros_like(voice), RATE) < 0.3

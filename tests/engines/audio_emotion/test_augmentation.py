"""Changed voices are still voices, changed as they should be."""

from __future__ import annotations

import numpy as np
import pytest

from engines.audio_emotion import augmentation
from engines.audio_emotion.augmentation import Recipe, augment
from engines.audio_emotion.conditions import CONDITIONS, in_condition
from engines.audio_emotion.contours import contours
from engines.audio_emotion.estimate import RATE, Floats
from engines.audio_emotion.speech import speech
from tests.engines.audio_emotion.voices import voice


def pitch_of(sound: Floats) -> float:
    rows = contours(sound).rows
    return float(100 * 2 ** np.median(rows[rows[:, 65] > 0.7, 64]))


def band_of(sound: Floats, low: float, high: float) -> float:
    power = np.abs(np.fft.rfft(sound)) ** 2
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    return float(power[(hertz >= low) & (hertz < high)].sum() / power.sum())


def test_a_seed_tells_the_whole():
    sound = voice(1.0)
    one, other, third = (
        augment(sound, np.random.default_rng(seed), Recipe(), [sound]) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(one, other)
    assert len(third) != len(one) or not np.allclose(third, one)


def test_it_stays_a_sound_that_is_mostly_speech():
    sure: list[bool] = []
    for seed in range(8):
        got = augment(voice(1.5), np.random.default_rng(seed), Recipe())
        assert got.dtype == np.float32
        assert np.abs(got).max() <= 1
        assert 0.9 * RATE < len(got) < 2.4 * RATE
        sure.append(bool((speech(got) > 0.5).mean() > 0.5))
    assert sum(sure) >= 6  # some are too deep in noise


def test_speed_changes_pitch_and_tempo_does_not():
    sound = voice(2.0)
    fast = augmentation.resampled(sound, 1.2)
    assert len(fast) == pytest.approx(len(sound) / 1.2, rel=0.01)
    assert pitch_of(fast) == pytest.approx(1.2 * pitch_of(sound), rel=0.05)
    quick = augmentation.stretched(sound, 1.2)
    assert len(quick) == pytest.approx(len(sound) / 1.2, rel=0.03)
    assert pitch_of(quick) == pytest.approx(pitch_of(sound), rel=0.05)


def test_noise_is_as_loud_as_it_should_be():
    sound = voice(2.0)
    noise = augmentation.background(len(sound), np.random.default_rng(0))
    got = augmentation.noisy(sound, noise, 10) - sound
    assert 10 * np.log10((sound**2).mean() / (got**2).mean()) == pytest.approx(10, abs=0.2)


def test_a_telephone_has_no_treble():
    sound = voice(2.0) + 0.05 * np.random.default_rng(0).normal(0, 1, 2 * RATE).astype(np.float32)
    got = in_condition(sound, "telephone", np.random.default_rng(0))
    assert band_of(sound, 4500, 8000) > 20 * band_of(got, 4500, 8000)


def test_a_room_rings_on():
    clap = np.zeros(RATE, np.float32)
    clap[1000] = 1
    got = augmentation.in_a_room(clap, np.random.default_rng(0), 0.5)
    early, late = np.abs(got[1400:4000]).mean(), np.abs(got[9000:12000]).mean()
    assert early > 3 * late > 0


def test_a_codec_leaves_the_voice_and_drops_what_is_weak():
    sound = voice(1.0)
    got = augmentation.transform_coded(sound, np.random.default_rng(0))
    assert np.corrcoef(sound, got)[0, 1] > 0.9
    assert not np.allclose(sound, got, atol=1e-3)


def test_every_condition_keeps_the_length():
    sound = voice(1.0)
    for condition in CONDITIONS:
        assert len(in_condition(sound, condition, np.random.default_rng(0))) == len(sound)

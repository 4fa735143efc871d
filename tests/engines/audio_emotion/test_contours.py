"""Pitch and spectrum of a voice: right, and the same in pieces as in one."""

from __future__ import annotations

import numpy as np
import pytest

from engines.audio_emotion.contours import Contours, contours
from engines.audio_emotion.estimate import RATE
from engines.audio_emotion.functionals import COUNT, functionals
from engines.audio_emotion.pitch import HOP
from engines.audio_emotion.stretch import LONGEST, SPECTRA, stretch
from tests.engines.audio_emotion.voices import hiss, silence, voice


@pytest.mark.parametrize("hertz", [80, 120, 200, 310, 480])
def test_a_tone_rich_in_harmonics_has_its_pitch(hertz: int):
    time = np.arange(RATE) / RATE
    steps = np.arange(1, 7)[:, None]
    sound = 0.1 * (np.sin(2 * np.pi * hertz * steps * time) / steps).sum(axis=0)
    rows = contours(sound.astype(np.float32)).rows[20:80]
    assert 100 * 2 ** np.median(rows[:, 64]) == pytest.approx(hertz, rel=0.01)
    assert np.median(rows[:, 65]) > 0.9


def test_hiss_and_silence_have_no_pitch():
    assert np.median(contours(hiss(1.0)).rows[:, 65]) < 0.4
    assert np.median(contours(silence(1.0)).rows[:, 65]) < 0.1


@pytest.mark.parametrize("sizes", [[160], [7, 533, 1999, 0], [20_000]], ids=str)
def test_streamed_equals_whole(sizes: list[int]):
    sound = voice(2.0)
    whole = contours(sound)
    stream = Contours(len(whole) + 1)
    start = turn = 0
    while start < len(sound):
        stream.push(sound[start : start + sizes[turn % len(sizes)]])
        start, turn = start + sizes[turn % len(sizes)], turn + 1
    assert len(whole) - 5 <= stream.made <= len(whole)
    got = stream.passage(0, stream.made)
    np.testing.assert_allclose(got.rows, whole.rows[: stream.made], atol=1e-3)
    assert len(whole.spectra) - 3 <= len(got.spectra) <= len(whole.spectra)
    np.testing.assert_allclose(got.spectra, whole.spectra[: len(got.spectra)], atol=1e-3)


def test_only_the_newest_rows_are_kept():
    sound = voice(3.0)
    stream = Contours(100)
    stream.push(sound)
    got = stream.passage(stream.made - 100, stream.made)
    wanted = contours(sound).part(stream.made - 100, stream.made)
    np.testing.assert_allclose(got.rows, wanted.rows, atol=1e-3)
    np.testing.assert_allclose(got.spectra, wanted.spectra[: len(got.spectra)], atol=1e-3)
    assert len(got.spectra) >= 29  # of a second's 31, but for those that wait for more sound
    with pytest.raises(IndexError, match="rows"):
        stream.passage(stream.made - 101, stream.made)


def test_a_louder_microphone_changes_nothing_that_the_network_is_shown():
    quiet, loud = voice(2.0) * 0.1, voice(2.0)
    one, other = stretch(contours(quiet)), stretch(contours(loud))
    np.testing.assert_allclose(one.numbers, other.numbers, atol=0.35)
    np.testing.assert_allclose(one.spectrogram, other.spectrogram, atol=0.05)


def test_of_long_speech_the_last_seconds_are_shown():
    whole = contours(voice(6.0))
    late, last = stretch(whole), stretch(whole.part(len(whole) - LONGEST, len(whole)))
    np.testing.assert_array_equal(late.numbers, last.numbers)
    np.testing.assert_array_equal(late.spectrogram, last.spectrogram)


def test_a_short_word_fills_the_spectrogram_over_and_over():
    word = contours(voice(1.0))
    count = len(word.spectra)
    shown = stretch(word).spectrogram
    assert shown.shape == (SPECTRA, 128)
    np.testing.assert_array_equal(shown[:count], shown[count : 2 * count])
    assert shown.min() >= -1
    assert np.quantile(shown[:count], 0.95) == pytest.approx(1)


@pytest.mark.parametrize("count", [1, 2, 3, 31])
def test_hardly_anything_is_still_numbers(count: int):
    for sound in (silence(1.0), voice(1.0)):
        numbers = functionals(contours(sound).rows[:count])
        assert numbers.shape == (COUNT,)
        assert np.isfinite(numbers).all()


def test_a_higher_voice_is_higher_in_the_numbers():
    low, high = (functionals(contours(voice(2.0, hertz)).rows) for hertz in (110, 220))
    octave = high[180] - low[180]  # the mean of the pitch, in semitones
    assert octave == pytest.approx(12, abs=1)


def test_hop_divides_what_is_between_two_estimates():
    assert RATE // 10 % HOP == 0

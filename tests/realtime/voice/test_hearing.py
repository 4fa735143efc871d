"""From sound to readings: the same in any pieces, and a name for each way of not hearing."""

from __future__ import annotations

import numpy as np
import pytest

from engines.audio_emotion.estimate import EVERY, RATE
from realtime.clock import MS
from realtime.types import Floats
from realtime.voice.hearing import Downsampler, Hearing
from realtime.voice.reading import Hears, Reading
from tests.realtime.voice.voices import PitchEstimator, silence, voice


def heard(sound: Floats, piece: int = 777) -> list[Reading]:
    hearing = Hearing(PitchEstimator())
    return [r for i in range(0, len(sound), piece) for r in hearing(sound[i : i + piece])]


def test_a_reading_falls_due_every_tenth_of_a_second_of_sound() -> None:
    readings = heard(silence(2.05))
    assert [reading.at for reading in readings] == [100 * MS * i for i in range(1, 21)]


def test_the_pieces_make_no_difference() -> None:
    sound = np.concatenate([voice("angry", 1.5), silence(1.0), voice("happy", 1.5)])
    whole = heard(sound, len(sound))
    assert heard(sound, 1) == heard(sound, 960) == whole
    assert {"angry", "happy"} <= {r.estimate.emotion for r in whole if r.estimate}


def test_how_the_listening_goes_has_a_name() -> None:
    hiss = np.random.default_rng(1).normal(0, 1e-3, 2 * RATE).astype(np.float32)
    assert {r.hears for r in heard(hiss)} == {Hears.NO_SPEECH}
    names = [r.hears for r in heard(silence(2.0))]
    assert (names[0], names[-1]) == (Hears.NO_SPEECH, Hears.SILENT), "muted after a second"
    names = [r.hears for r in heard(voice("sad", 2.0))]
    assert (names[0], names[-1]) == (Hears.LISTENING, Hears.HEARD)


def test_a_voice_after_a_muted_microphone_is_heard_at_once() -> None:
    names = [r.hears for r in heard(np.concatenate([silence(2.0), voice("sad", 0.2)]))]
    assert names[-1] is not Hears.SILENT


@pytest.mark.parametrize("piece", [160, 960, 4801])
def test_sound_is_brought_down_to_16_khz_in_any_pieces(piece: int) -> None:
    sound = voice("happy", 1.0, 48_000)
    down = Downsampler(48_000)
    parts = [down(sound[i : i + piece]) for i in range(0, len(sound), piece)]
    got = np.concatenate(parts)
    want = voice("happy", 1.0)[: len(got)]
    assert len(got) > RATE - EVERY // 10
    lag = max(range(-20, 21), key=lambda k: float(got[2000:9000] @ want[2000 + k : 9000 + k]))
    assert abs(lag) <= 1
    assert np.abs(got[2000:9000] - want[2000 + lag : 9000 + lag]).max() < 0.05


def test_what_16_khz_cannot_carry_is_not_folded_into_it() -> None:
    t = np.arange(48_000) / 48_000
    whistle = np.sin(2 * np.pi * 11_000 * t).astype(np.float32)
    assert np.abs(Downsampler(48_000)(whistle)[500:]).max() < 0.02

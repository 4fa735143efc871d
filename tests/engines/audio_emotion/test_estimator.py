"""A voice that comes as a stream: when something is said of it, and when nothing is claimed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from engines.audio_emotion.estimate import EMOTIONS, EVERY, RATE, UNKNOWN, Estimate, Floats
from engines.audio_emotion.estimator import StreamEstimator, trust
from engines.audio_emotion.functionals import COUNT
from engines.audio_emotion.network import SPEC
from engines.audio_emotion.stretch import SPECTRA, Stretch
from engines.audio_emotion.whole import follow, hear
from engines.spec import Array
from kernels.reference import LOG_MEL_128
from tests.engines.audio_emotion.voices import hiss, music, silence, typing, voice


class PitchEngine:
    """Takes high voices for happy and low ones for sad."""

    spec = SPEC
    backend = "pitch"

    def __init__(self) -> None:
        self.runs = 0
        self.closed = False

    def __call__(self, inputs: dict[str, Array], /) -> dict[str, Array]:
        assert SPEC.mismatch(inputs) is None
        self.runs += 1
        logits = np.zeros((1, len(EMOTIONS)), np.float32)
        logits[0, EMOTIONS.index("happy" if inputs["numbers"][0, 180] > 9 else "sad")] = 4
        return {"logits": logits}

    def close(self) -> None:
        self.closed = True


LOW, HIGH = voice(3.0, 110), voice(3.0, 230)


def estimates(*sounds: Floats) -> list[Estimate]:
    return follow(StreamEstimator(PitchEngine()), np.concatenate(sounds))


def test_an_estimate_comes_every_tenth_of_a_second():
    got = estimates(LOW)
    assert [e.sample for e in got] == list(range(EVERY, len(LOW) + 1, EVERY))


def test_the_first_word_on_a_voice_comes_within_a_second():
    got = estimates(silence(1.0), HIGH)
    first = next(e for e in got if e.emotion)
    assert RATE < first.sample <= 2 * RATE
    assert first.emotion == "happy"
    assert 0 < first.confidence < 1
    assert first.valence > 0 < first.arousal
    assert got[9].emotion is None
    assert got[9].probabilities == UNKNOWN


@pytest.mark.parametrize("sound", [silence(3), hiss(3), music(3), typing(3)], ids=str)
def test_nothing_is_claimed_of_what_is_no_voice(sound: Floats):
    engine = PitchEngine()
    for estimate in follow(StreamEstimator(engine), sound):
        assert not estimate.speaking
        assert estimate.emotion is None
        assert estimate.confidence == estimate.valence == estimate.arousal == 0
        assert estimate.probabilities == UNKNOWN
    assert engine.runs == 0


def test_a_gap_between_words_changes_nothing_and_silence_ends_it():
    got = estimates(HIGH, silence(2.0))
    gap = got[len(HIGH) // EVERY + 4]
    assert gap.speaking
    assert gap.emotion == "happy"
    assert not got[-1].speaking
    assert got[-1].emotion is None
    assert got[-1].heard_s == 0


def test_the_next_turn_is_judged_by_itself():
    got = estimates(LOW, silence(1.5), HIGH)
    said = [e.emotion for e in got if e.emotion]
    assert said[0] == "sad"
    assert said[-1] == "happy"
    changes = sum(a != b for a, b in pairwise(said))
    assert changes == 1


def test_the_longer_it_is_heard_the_surer():
    got = [e for e in estimates(HIGH) if e.emotion]
    assert got[0].confidence < got[-1].confidence
    assert trust(0.45) < trust(1.0) < trust(4.0) <= 1.1


@pytest.mark.parametrize("size", [1, 160, 320, 4001, 48_000])
def test_any_pieces_give_the_same_end(size: int):
    sound = LOW[:RATE] if size == 1 else LOW
    sound = sound[: len(sound) // EVERY * EVERY]
    estimator = StreamEstimator(PitchEngine())
    state, last = estimator.begin(), None
    for start in range(0, len(sound), size):
        state, estimate = estimator.step(state, sound[start : start + size])
        last = estimate or last
    whole = follow(StreamEstimator(PitchEngine()), sound)[-1]
    assert last is not None
    assert last.sample == whole.sample
    np.testing.assert_allclose(last.probabilities, whole.probabilities, atol=1e-6)


def test_two_voices_share_an_estimator_and_no_memory():
    estimator = StreamEstimator(PitchEngine())
    alone = [e.emotion for e in follow(estimator, HIGH)]
    one, other, mixed = estimator.begin(), estimator.begin(), list[str | None]()
    for start in range(0, len(HIGH), EVERY):
        one, _ = estimator.step(one, LOW[start : start + EVERY])
        other, estimate = estimator.step(other, HIGH[start : start + EVERY])
        if estimate is not None:
            mixed.append(estimate.emotion)
    assert mixed == alone


def test_broken_samples_do_no_harm():
    bad = LOW.copy()
    bad[4000:4100] = np.nan
    bad[9000:9100] = np.inf
    got = follow(StreamEstimator(PitchEngine()), bad)
    assert got[-1].emotion == "sad"
    assert np.isfinite(got[-1].probabilities).all()


def test_a_whole_recording_is_heard_as_its_stream_ends():
    for sound, emotion in ((LOW, "sad"), (HIGH, "happy")):
        heard = hear(StreamEstimator(PitchEngine()), np.concatenate([silence(0.5), sound]))
        assert heard.found
        assert EMOTIONS[int(heard.probabilities.argmax())] == emotion
        assert EMOTIONS[int(heard.last.argmax())] == emotion


def test_a_recording_without_speech_is_said_to_have_none():
    heard = hear(StreamEstimator(PitchEngine()), hiss(2.0))
    assert not heard.found
    assert heard.last.sum() == 0


def test_the_signature_is_of_what_a_stretch_holds():
    wanted = ((1, COUNT), (1, SPECTRA, LOG_MEL_128.bands))
    assert tuple(tensor.shape for tensor in SPEC.inputs) == wanted
    assert tuple(tensor.name for tensor in SPEC.inputs) == Stretch.__slots__


def test_closing_closes_the_engine():
    engine = PitchEngine()
    estimator = StreamEstimator(engine)
    estimator.close()
    estimator.close()
    assert engine.closed


def test_what_a_voice_has_sounded_like_all_along_is_claimed_less_surely():
    got = estimates(*[LOW] * 12, HIGH)
    sentence = next(e for e in got if e.sample >= len(LOW))
    long_after = next(e for e in got if e.sample >= 12 * len(LOW))
    assert (sentence.emotion, got[-1].emotion) == ("sad", "happy")
    assert long_after.confidence < sentence.confidence - 0.1
    assert got[-1].confidence > long_after.confidence

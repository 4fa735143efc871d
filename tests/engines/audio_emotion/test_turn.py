"""When somebody speaks: clicks do not begin a turn, short gaps do not end one."""

from __future__ import annotations

import os
import subprocess
import sys

from engines.audio_emotion.estimate import RATE
from engines.audio_emotion.speech import CHUNK, speech
from engines.audio_emotion.turn import ENDS, Turn, spoken
from tests.engines.audio_emotion.voices import hiss, music, silence, typing, voice


def after(probabilities: list[float]) -> Turn:
    turn = Turn()
    for probability in probabilities:
        turn = turn.after(probability)
    return turn


def test_a_click_begins_nothing():
    assert after([0, 0, 0.95, 0, 0, 0]).began is None


def test_speech_begins_where_it_began():
    turn = after([0.0] * 10 + [1.0] * 5)
    assert turn.began is not None
    assert abs(turn.began - 10 * CHUNK) <= 2 * CHUNK
    assert turn.last == 15 * CHUNK


def test_a_gap_between_words_ends_nothing_and_silence_does():
    talking = [1.0] * 20
    gap = after(talking + [0.0] * (ENDS // CHUNK // 2))
    assert gap.began is not None
    assert gap.speech == 20 * CHUNK
    assert after(talking + [0.0] * (ENDS // CHUNK + 1)).began is None


def test_a_sound_is_speech_from_first_to_last_word():
    found = spoken([0.0] * 5 + [1.0] * 10 + [0.0] * 60 + [1.0] * 10 + [0.0] * 9)
    assert found is not None
    assert abs(found[0] - 5 * CHUNK) <= 2 * CHUNK
    assert found[1] == 85 * CHUNK
    assert spoken([0.0] * 50) is None


def test_silence_music_keys_and_hiss_are_not_speech_and_a_voice_is():
    for sound in (silence(3), hiss(3), music(4), typing(4)):
        assert spoken(speech(sound)) is None
    found = spoken(speech(voice(2.0)))
    assert found is not None
    assert found[1] - found[0] > 1.5 * RATE


def test_speech_is_told_on_the_callers_thread_alone():
    code = (
        "import os, numpy\n"
        "from engines.audio_emotion.speech import speech\n"
        "before = len(os.listdir('/proc/self/task'))\n"
        "speech(numpy.zeros(8000, numpy.float32))\n"
        "print(len(os.listdir('/proc/self/task')) - before)"
    )
    if not os.path.isdir("/proc/self/task"):
        return
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == 0

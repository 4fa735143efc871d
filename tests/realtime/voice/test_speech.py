"""The sound about a picture: what came until then, no later, and how long it is waited for."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest

from engines.wav2lip_emotion.live import heard, silence
from kernels.reference.mel import WAV2LIP, mel
from realtime.clock import MS, SECOND, ManualClock
from realtime.types import PANIC, Edit, Emotion, Floats, Frame
from realtime.voice.hearing import Downsampler
from realtime.voice.speech import FiledSpeech, LiveSpeech

HAPPY = Edit(Emotion.HAPPY)
BLOCK, STEP = 960, 20 * MS


def tone(seconds: float) -> Floats:
    """Return mono sound at 48 kHz whose pitch tells the time."""
    t = np.arange(round(48_000 * seconds)) / 48_000
    return (0.3 * np.sin(2 * np.pi * (200 * t + 400 * t * t))).astype(np.float32)


def picture(captured: int) -> Frame:
    plane = np.zeros((1, 1), np.uint8)
    stamp = captured // MS
    return Frame((plane,), "gray", captured, stamp, Fraction(1, 1000), 0)


@dataclass
class Microphone:
    """Gives a tone in blocks, each a while after its last sample was in the air."""

    speech: LiveSpeech
    clock: ManualClock
    sound: Floats
    late: int = 15 * MS
    begun: int = 500 * MS
    given: int = 0

    def until(self, now: int) -> None:
        """Give every block that has come by ``now``."""
        while (end := self.begun + (self.given + 1) * STEP) + self.late <= now:
            self.clock.advance(max(0, end + self.late - self.clock.now()))
            at = self.given * BLOCK
            self.speech.hear(self.sound[at : at + BLOCK], end - STEP)
            self.given += 1
        self.clock.advance(max(0, now - self.clock.now()))


def rig(seconds: float = 3.0, *, budget: int = 120 * MS, late: int = 15 * MS) -> Microphone:
    clock = ManualClock()
    speech = LiveSpeech(clock, budget)
    speech(picture(0), HAPPY)  # it is wanted from now on
    return Microphone(speech, clock, tone(seconds), late)


def test_a_picture_hears_what_a_network_was_taught_with():
    mic = rig()
    whole = mel(Downsampler(48_000)(mic.sound), WAV2LIP)
    for captured in range(900 * MS, 2400 * MS, 33 * MS):
        mic.until(captured + 40 * MS + 40 * MS)
        got = mic.speech(picture(captured), HAPPY)
        wanted = heard(whole, (captured - mic.begun) / SECOND)
        assert np.abs(got - wanted).mean() < 0.02
        assert got.shape == (80, 16)


def test_it_is_waited_for_until_it_is_there_and_no_longer():
    mic = rig()
    mic.until(1000 * MS)
    frame = picture(1000 * MS)
    waits: list[float] = []
    while (wait := mic.speech.wait(frame)) > 0:
        waits.append(wait)
        mic.until(mic.clock.now() + round(wait * SECOND) + 1)
    waited = mic.clock.now() - frame.captured
    # 40 ms of look-ahead, the sound's own delay, and what of a block is not over yet.
    assert 40 * MS + mic.late - MS <= waited <= 40 * MS + mic.late + STEP
    assert len(waits) < 6


def test_a_picture_keeps_time_for_the_work_on_it_however_late_the_sound_is():
    mic = rig(budget=60 * MS, late=100 * MS)
    mic.until(1000 * MS)
    frame = picture(1000 * MS)
    assert 0 < mic.speech.wait(frame) <= 0.030
    mic.until(1031 * MS)
    assert mic.speech.wait(frame) == 0
    got = mic.speech(frame, HAPPY)
    assert not np.array_equal(got, silence())  # a little late is better than nothing


def test_nothing_is_waited_for_without_a_microphone_or_an_edit():
    clock = ManualClock()
    speech = LiveSpeech(clock, 80 * MS)
    speech(picture(0), HAPPY)
    assert speech.wait(picture(0)) == 0
    assert np.array_equal(speech(picture(0), HAPPY), silence())
    mic = rig()
    mic.until(1000 * MS)
    assert mic.speech.wait(picture(1000 * MS)) > 0
    for edit in (Edit(), PANIC, Edit(Emotion.HAPPY, 0.01)):
        mic.speech(picture(1000 * MS), edit)
        assert mic.speech.wait(picture(1000 * MS)) == 0


def test_a_microphone_that_goes_away_is_silence_soon():
    mic = rig()
    mic.until(1500 * MS)
    mic.speech(picture(1450 * MS), HAPPY)
    mic.clock.advance(400 * MS)
    late = picture(1900 * MS)
    assert mic.speech.wait(late) == 0
    assert (mic.speech(late, HAPPY)[:, -8:] == -4).all()


def test_after_a_pause_without_an_edit_the_sound_is_that_of_the_moment():
    mic = rig(8.0)
    whole = mel(Downsampler(48_000)(mic.sound), WAV2LIP)
    mic.until(1000 * MS)
    mic.speech(picture(900 * MS), HAPPY)
    mic.until(6500 * MS)  # seconds of sound that nobody asked for
    got = mic.speech(picture(6400 * MS), HAPPY)
    wanted = heard(whole, (6400 * MS - mic.begun) / SECOND)
    assert np.abs(got - wanted).mean() < 0.05


@pytest.mark.parametrize("begin", [Fraction(0), Fraction(1, 2)])
def test_a_file_hears_its_own_sound(begin: Fraction):
    sound = Downsampler(48_000)(tone(2.0))
    whole = mel(sound, WAV2LIP)
    pieces = iter(np.array_split(sound, 37))
    speech = FiledSpeech(pieces, begin + 10, Fraction(10))
    for captured in range(0, 3000 * MS, 40 * MS):
        got = speech(picture(captured), HAPPY)
        wanted = heard(whole, captured / SECOND - float(begin))
        np.testing.assert_allclose(got, wanted, atol=0.02)

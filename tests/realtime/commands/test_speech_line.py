"""The microphone of ``visavis camera`` reaches the generator, and pictures wait for it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, cast

import numpy as np
import pytest

from engines.wav2lip_emotion.live import silence
from realtime.box import Latest, Ripening
from realtime.clock import MS, ManualClock
from realtime.commands.speech_line import SpeechLine
from realtime.config import FilterSettings
from realtime.session import Session
from realtime.sources.microphone import Microphone
from realtime.types import Edit, Emotion, Floats, Frame

HAPPY = Edit(Emotion.HAPPY)
GENERATOR = FilterSettings(generator="wav2lip-emotion", budget_ms=120.0)


class Sitting:
    """As much of a session as a line touches."""

    hear = None


def picture(captured: int) -> Frame:
    return Frame((np.zeros((1, 1), np.uint8),), "gray", captured, 0, Fraction(1, 30), 0)


def connected(microphone: Microphone | None, clock: ManualClock) -> tuple[SpeechLine, Any]:
    line, session = SpeechLine(GENERATOR, clock), Sitting()
    line.connect(cast("Session", session), microphone)
    return line, session


@pytest.mark.parametrize("settings", [FilterSettings(), FilterSettings(generator="geometric")])
def test_without_a_generator_pictures_wait_for_nothing(settings: FilterSettings):
    line, session = SpeechLine(settings, ManualClock()), Sitting()
    line.connect(cast("Session", session), None)
    assert type(line.box) is Latest
    assert session.hear is None


def test_it_hears_the_microphone_beside_whoever_did_before():
    clock = ManualClock()
    microphone = Microphone("any", clock)
    before: list[int] = []
    microphone.heard = lambda samples, captured: before.append(captured)
    line, session = connected(microphone, clock)
    assert isinstance(line.box, Ripening)
    session.hear(picture(0), HAPPY)
    noise: Floats = np.random.default_rng(0).uniform(-0.5, 0.5, 960).astype(np.float32)
    for _ in range(50):
        clock.advance(20 * MS)
        microphone.heard(noise, clock.now() - 20 * MS)
    assert before == [20 * MS * block for block in range(50)]
    assert (session.hear(picture(900 * MS), HAPPY) > silence()).mean() > 0.9
    line.box.put(picture(1000 * MS))
    microphone.heard(noise, 1000 * MS)
    microphone.heard(noise, 1020 * MS)
    microphone.heard(noise, 1040 * MS)  # 40 ms after the picture are over
    assert line.box.get().captured == 1000 * MS


def test_without_a_microphone_there_is_silence():
    _, session = connected(None, ManualClock())
    assert np.array_equal(session.hear(picture(0), HAPPY), silence())

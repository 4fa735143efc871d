"""A face that follows a live voice: threads that begin and end, and what is heard of trouble."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from fractions import Fraction

import numpy as np
import pytest

from realtime.clock import SystemClock
from realtime.types import Edit, Emotion, Floats, Frame
from realtime.voice.drive import Aim
from realtime.voice.ear import LIVE_RATE, VoiceError
from realtime.voice.follow import Follow, Guide
from realtime.voice.hearing import AnyEstimator
from realtime.voice.inbox import Inbox
from realtime.voice.live import LiveVoice
from realtime.voice.reading import Hears, Reading
from realtime.voice.share import SharedVoice, no_voice
from tests.realtime.voice.voices import PitchEstimator, silence, voice

FOLLOWS = Guide(Follow(follow="voice"))
OWN = Edit(Emotion.CONTEMPT, 0.5)
FRAME = Frame((np.zeros((2, 2), np.uint8),), "gray", 0, 0, Fraction(1, 30), 0)
BLOCK = LIVE_RATE // 50


@contextmanager
def listening(
    open_voice: Callable[[], AnyEstimator] = PitchEstimator, guide: Guide = FOLLOWS
) -> Generator[tuple[LiveVoice, list[Aim | None]], None, None]:
    aims: list[Aim | None] = []

    def changed(aim: Aim | None, reading: Reading) -> None:
        aims.append(aim)

    live = LiveVoice(open_voice, SystemClock(), changed)
    live.guide = guide
    try:
        yield live, aims
    finally:
        live.close()
    assert "voice" not in {thread.name for thread in threading.enumerate()}


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def hears(live: LiveVoice) -> Hears | None:
    return live.reading and live.reading.hears


def say(live: LiveVoice, sound: Floats) -> None:
    for i in range(0, len(sound), BLOCK):
        live.hear(sound[i : i + BLOCK])


def test_the_face_follows_and_goes_back_when_that_is_switched_off() -> None:
    with listening() as (live, aims):
        assert live(FRAME, OWN) == OWN
        say(live, voice("angry", 1.5, LIVE_RATE))
        until(lambda: live(FRAME, OWN).emotion is Emotion.ANGRY)
        live.guide = Guide()
        assert live.reading is None
        assert live(FRAME, OWN).emotion is Emotion.CONTEMPT
        assert [aim and aim.emotion for aim in aims] == [Emotion.ANGRY, None]
        say(live, voice("happy", 1.5, LIVE_RATE))
        assert live.reading is None, "nobody listens"


def test_no_microphone_and_a_muted_one_are_told_apart() -> None:
    with listening() as (live, _):
        until(lambda: hears(live) is Hears.NO_MICROPHONE)
        say(live, silence(1.9, LIVE_RATE))
        until(lambda: hears(live) is Hears.SILENT)
        say(live, voice("sad", 1.5, LIVE_RATE))
        until(lambda: live(FRAME, OWN).emotion is Emotion.SAD)
        until(lambda: hears(live) is Hears.NO_MICROPHONE)
        until(lambda: live(FRAME, OWN) == OWN)


def test_what_cannot_be_loaded_is_told_with_its_reason() -> None:
    with listening(no_voice) as (live, _):
        until(lambda: hears(live) is Hears.UNAVAILABLE)
        assert live.reading is not None
        assert "does not listen" in live.reading.reason


def test_a_listener_that_fails_leaves_the_face_to_the_person() -> None:
    class Broken(PitchEstimator):
        def step(self, state: object, samples: Floats, /) -> object:  # pyright: ignore
            raise RuntimeError("broken")

    with listening(Broken) as (live, _):  # pyright: ignore[reportArgumentType]
        say(live, voice("sad", 1.0, LIVE_RATE))
        until(lambda: hears(live) is Hears.UNAVAILABLE)
        assert live(FRAME, OWN) == OWN


def test_what_was_still_on_its_way_when_it_was_switched_off_changes_nothing() -> None:
    gate = threading.Event()

    def slow() -> AnyEstimator:
        gate.wait(5)
        return PitchEstimator()

    with listening(slow) as (live, _):
        until(lambda: hears(live) is Hears.STARTING)
        start = time.monotonic()
        live.guide = Guide()
        assert time.monotonic() - start < 1, "who switches it off does not wait for loading"
        gate.set()
        assert live.reading is None


def test_a_late_listener_loses_the_oldest_and_counts_it() -> None:
    inbox = Inbox(10, 100)
    for i in range(15):
        inbox.put(np.full(10, i, np.float32))
    kept = inbox.get(0)
    assert kept is not None
    assert (kept[0], len(kept), inbox.lost) == (5, 100, 50)
    inbox.put(np.zeros(9, np.float32))
    assert inbox.get(0.01) is None, "not yet a batch"


def test_one_estimator_serves_all_and_is_loaded_once() -> None:
    opened: list[PitchEstimator] = []

    def open_voice() -> PitchEstimator:
        opened.append(PitchEstimator())
        return opened[-1]

    shared = SharedVoice(open_voice)
    assert shared.take() is shared.take()
    shared.close()
    shared.close()
    assert [each.closed for each in opened] == [1]
    with pytest.raises(VoiceError):
        shared.take()

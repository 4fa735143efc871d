"""Keys and a signal that change what ``visavis camera`` shows; the terminal is made of files."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from realtime.box import Latest
from realtime.clock import ManualClock
from realtime.commands import keys as module
from realtime.commands.camera_recording import CameraRecording
from realtime.commands.face_keys import face_keys
from realtime.commands.keys import Keys
from realtime.config import RecordingSettings
from realtime.filter import EmotionFilter
from realtime.session import Session
from realtime.types import PANIC, Edit, Emotion, Filtered, Frame, Rung, Show
from realtime.voice.follow import Follow, Guide
from realtime.voice.live import LiveVoice
from tests.realtime.commands.stand_in import StandIn
from tests.realtime.recording.films import decoded
from tests.realtime.voice.voices import PitchEstimator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminal")
HAPPY = Edit(Emotion.HAPPY)


@pytest.fixture
def terminal() -> Generator[tuple[int, int]]:
    """The typist's end and the program's."""
    theirs, ours = os.openpty()
    yield theirs, ours
    os.close(theirs)
    os.close(ours)


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


def session() -> Session:
    filter: EmotionFilter = StandIn()(None)  # pyright: ignore[reportArgumentType]
    return Session(Latest[Frame](), filter, (), budget=None, edit=HAPPY, show=Show())


def test_each_key_does_what_it_says(
    terminal: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_terminal", lambda: terminal[1])
    live, noted, rests = session(), list[Edit](), list[str]()
    monkeypatch.setattr(live, "take_rest", lambda: rests.append("r"))
    with face_keys(live, HAPPY, noted.append) as keys:
        assert keys.on
        os.write(terminal[0], b"p")
        until(lambda: live.edit == PANIC)
        os.write(terminal[0], b"F")
        until(lambda: live.show.frozen)
        os.write(terminal[0], b"fb")
        until(lambda: live.show == Show(badge=False))
        os.write(terminal[0], b"xe")
        until(lambda: live.edit == HAPPY)
        os.write(terminal[0], b"r")
        until(lambda: rests)
    assert noted == [PANIC, HAPPY]


def test_a_key_hushes_the_voice_and_lets_it_lead_again(
    terminal: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_terminal", lambda: terminal[1])
    voice = LiveVoice(PitchEstimator, ManualClock())
    voice.guide = Guide(Follow(follow="voice", strength=0.4))
    with face_keys(session(), HAPPY, voice=voice):
        os.write(terminal[0], b"v")
        until(lambda: not voice.guide.follow.on)
        os.write(terminal[0], b"v")
        until(lambda: voice.guide.follow == Follow(follow="voice", strength=0.4))
    voice.close()


def test_a_signal_is_a_panic_too() -> None:
    live = session()
    before = signal.getsignal(signal.SIGUSR1)
    with face_keys(live, HAPPY):
        os.kill(os.getpid(), signal.SIGUSR1)
        until(lambda: live.edit == PANIC)
    assert signal.getsignal(signal.SIGUSR1) is before


def test_the_terminal_is_as_before_afterwards(terminal: tuple[int, int]) -> None:
    import termios

    before = termios.tcgetattr(terminal[1])
    with Keys({}, terminal[1]):
        assert termios.tcgetattr(terminal[1]) != before
    assert termios.tcgetattr(terminal[1]) == before


def test_without_a_terminal_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with open(os.devnull, encoding="utf-8") as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        with Keys({}) as keys:
            assert not keys.on


def test_a_camera_is_recorded_as_it_came_and_as_it_was_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.realtime.recording.test_recorder import picture

    clock = ManualClock()
    with CameraRecording(tmp_path, RecordingSettings(), clock, HAPPY, sound=False) as tape:
        tap = tape.tapped(Latest())
        for i in range(5):
            clock.advance(33_000_000)
            shot = picture(i)
            tap.put(Frame(shot.planes, "yuv420p", clock.now(), i, shot.time_base, i))
            if i % 2 == 0:
                tape.send(Filtered(tap.get(), Rung.GEOMETRIC))
        tape.asked(PANIC)
    said = capsys.readouterr().out.splitlines()
    (dry,), (wet,), (log,) = (
        list(tmp_path.glob(f"*{end}")) for end in ("dry.mp4", "wet.mp4", "jsonl")
    )
    assert {line.removeprefix("Recorded ") for line in said} == {str(dry), str(wet), str(log)}
    assert (len(decoded(dry)), len(decoded(wet))) == (6, 4)  # the first fills the very beginning
    assert '"emotion": "happy"' in log.read_text()

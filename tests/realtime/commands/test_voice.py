"""``--follow voice`` and ``--calm`` of the commands, and what a report tells of what was heard."""

from __future__ import annotations

import json
import os
import signal
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from realtime.__main__ import main
from realtime.sources.microphone import Microphone
from realtime.types import Edit, Emotion
from realtime.voice.drive import Aim
from realtime.voice.ear import LIVE_RATE, VoiceError
from realtime.voice.reading import Hears, Reading
from tests.realtime.clips import Film, make
from tests.realtime.commands.stand_in import StandIn
from tests.realtime.sinks.devices import Devices
from tests.realtime.voice.films import FPS, spoken
from tests.realtime.voice.voices import PitchEstimator, estimate, silence, voice


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn()
    monkeypatch.setattr("realtime.commands.file.build_filter", stand_in)
    monkeypatch.setattr("realtime.commands.file.open_voice", PitchEstimator)
    return stand_in


def run(*words: str | Path) -> int:
    return main(["file", *map(str, words)])


@pytest.fixture
def film(tmp_path: Path) -> Path:
    parts = [
        voice("angry", 2.0, LIVE_RATE),
        silence(2.0, LIVE_RATE),
        voice("happy", 2.0, LIVE_RATE),
    ]
    return spoken(tmp_path / "a.mkv", np.concatenate(parts))


def report_of(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())["voice"]


def test_a_file_follows_its_own_voice_and_the_report_says_what_was_heard_when(
    film: Path, tmp_path: Path, stand_in: StandIn
) -> None:
    report = tmp_path / "r.json"
    assert run(film, tmp_path / "b.mkv", "--follow", "voice", "--report", report) == 0
    edits = stand_in.edits
    assert len(edits) == 6 * FPS
    assert edits[0] == Edit(), "nothing is shown before anything is heard"
    assert edits[int(1.5 * FPS)].emotion is Emotion.ANGRY
    assert edits[int(3.9 * FPS)] == Edit()
    assert edits[int(5.8 * FPS)].emotion is Emotion.HAPPY
    told = report_of(report)
    assert told["settings"]["follow"] == "voice"
    rows = told["estimates"]
    times = [row["t_s"] for row in rows]
    assert times == pytest.approx([0.1 * i for i in range(1, len(rows) + 1)])
    assert len(rows) == pytest.approx(60, abs=1)
    assert rows[14]["emotion"] == "angry"
    assert rows[14]["shows"] == "angry"
    assert sum(rows[14]["probabilities"].values()) == pytest.approx(1, abs=0.01)
    assert rows[38]["hears"] in ("silent", "no speech")
    assert sum(told["hears"].values()) == len(rows)
    first = next(row["t_s"] for row in rows if row["shows"])
    changed = next(i for i, edit in enumerate(edits) if edit.emotion)
    assert changed / FPS == pytest.approx(first, abs=1.1 / FPS), "picture and report agree"


def test_a_file_follows_the_same_way_each_time(
    film: Path, tmp_path: Path, stand_in: StandIn
) -> None:
    for name in ("b", "c"):
        words = ("--follow", "voice", "--report", tmp_path / f"{name}.json")
        assert run(film, tmp_path / f"{name}.mkv", *words) == 0
    assert stand_in.edits[: 6 * FPS] == stand_in.edits[6 * FPS :]
    assert report_of(tmp_path / "b.json") == report_of(tmp_path / "c.json")


def test_calm_and_the_map_on_a_file(film: Path, tmp_path: Path, stand_in: StandIn) -> None:
    assert run(film, tmp_path / "b.mkv", "--calm", "--emotion", "sad") == 0
    shown = [stand_in.edits[int(t * FPS)].emotion for t in (1.5, 5.8)]
    assert shown == [Emotion.NEUTRAL, Emotion.SAD]
    stand_in.edits.clear()
    words = ("--follow", "voice", "--follow-map", "angry=surprise", "--follow-map", "happy=own")
    assert run(film, tmp_path / "b.mkv", *words, "--follow-strength", "0.5") == 0
    assert stand_in.edits[int(1.5 * FPS)].emotion is Emotion.SURPRISE
    assert 0 < stand_in.edits[int(1.5 * FPS)].intensity <= 0.5
    assert stand_in.edits[int(5.8 * FPS)] == Edit()


def test_sound_that_begins_late_moves_the_face_late(tmp_path: Path, stand_in: StandIn) -> None:
    sound = voice("sad", 2.0, LIVE_RATE)
    prompt, late = spoken(tmp_path / "a.mkv", sound), spoken(tmp_path / "l.mkv", sound, late=1.0)
    firsts: list[int] = []
    for film in (prompt, late):
        stand_in.edits.clear()
        assert run(film, tmp_path / "b.mkv", "--follow", "voice") == 0
        firsts.append(next(i for i, edit in enumerate(stand_in.edits) if edit.emotion))
    assert firsts[1] - firsts[0] == pytest.approx(FPS, abs=1)


def test_a_film_without_sound_is_left_as_chosen_and_says_so(
    tmp_path: Path, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "r.json"
    film = make(tmp_path / "a.mp4", Film(frames=5))
    assert run(film, tmp_path / "b.mp4", "--follow", "voice", "--report", report) == 0
    assert set(stand_in.edits) == {Edit()}
    assert "there is no sound in it, so no voice to follow" in capsys.readouterr().err
    assert report_of(report)["estimates"] == []


def test_what_cannot_be_is_refused_in_a_line(
    tmp_path: Path, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    from PIL import Image

    Image.new("RGB", (64, 48)).save(tmp_path / "a.png")
    assert run(tmp_path / "a.png", tmp_path / "b.png", "--calm") == 2
    assert "a photograph has no voice" in capsys.readouterr().err
    film = make(tmp_path / "a.mp4", Film(frames=5))
    assert run(film, tmp_path / "b.mp4", "--follow-map", "contempt=sad") == 2
    assert "is not like angry=calm" in capsys.readouterr().err

    def missing() -> PitchEstimator:
        raise VoiceError("pip install 'visavis[engines]'")

    monkeypatch.setattr("realtime.commands.file.open_voice", missing)
    assert run(film, tmp_path / "b.mp4", "--follow", "voice") == 6
    said = capsys.readouterr().err
    assert said == "visavis: the voice cannot be followed: pip install 'visavis[engines]'\n"
    assert not (tmp_path / "b.mp4").exists()


def test_the_new_file_says_that_its_face_follows_the_voice(
    film: Path, tmp_path: Path, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(film, tmp_path / "b.mkv", "--follow", "voice") == 0
    assert main(["mark", str(tmp_path / "b.mkv")]) == 0
    assert "following the voice" in capsys.readouterr().out


class Spoken:
    """A microphone's device that says something as soon as it is opened, then closes its mouth."""

    name, alive = "a microphone", True

    def __init__(self, hear: Any) -> None:
        sound = np.concatenate([voice("happy", 1.8, LIVE_RATE)])
        for i in range(0, len(sound), 480):
            hear(sound[i : i + 480], 0, False)

    def close(self) -> None:
        """Nothing is held."""


def test_the_camera_follows_a_microphone_that_is_opened_for_that_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in, devices = StandIn(), Devices(monkeypatch)
    monkeypatch.setattr("realtime.commands.camera.live_filter", stand_in)
    monkeypatch.setattr("realtime.commands.voice_line.open_voice", PitchEstimator)
    opened: list[str] = []

    def opener(name: str, hear: Any) -> Spoken:
        opened.append(name)
        return Spoken(hear)

    def none(side: str) -> list[str]:
        return []

    monkeypatch.setattr("realtime.commands.voice_line.names", none)
    opened_by = partial(Microphone, opener=opener)
    monkeypatch.setattr("realtime.commands.voice_line.Microphone", opened_by)
    film = make(tmp_path / "a.mp4", Film(frames=100, rate=50))

    def check() -> None:
        if (
            any(edit.emotion is Emotion.HAPPY for edit in stand_in.edits)
            or len(devices.shown) > 400
        ):
            os.kill(os.getpid(), signal.SIGINT)

    devices.on_send = check
    words = ("--camera", str(film), "--follow", "voice", "--fps", "50", "--no-badge", "--no-mark")
    assert main(["camera", *words]) == 0
    assert opened == ["default"]
    assert stand_in.edits[-1].emotion is Emotion.HAPPY
    assert "The face follows the voice at microphone default." in capsys.readouterr().out


def test_the_status_line_tells_what_is_heard_and_shown() -> None:
    from realtime.commands.voice_line import told

    sad = Reading(Hears.HEARD, 0, estimate("sad", 0.71))
    assert told(sad, Aim(Emotion.SAD, None, 0.7)) == "voice sad 0.71 → sad 0.7"
    assert told(Reading(Hears.NO_MICROPHONE), None) == "voice no microphone"
    assert told(None, None) == "voice off"

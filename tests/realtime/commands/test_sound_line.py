"""``visavis camera --microphone``: the picture goes on whatever the sound devices do."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from realtime.__main__ import main
from tests.realtime.clips import Film, make
from tests.realtime.commands.stand_in import StandIn
from tests.realtime.sinks.devices import Devices
from tests.realtime.sound.portaudio import PortAudio

DEVICES = (("Desk", 1, 0), ("Speakers", 0, 2), ("BlackHole 2ch", 2, 2))


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return make(tmp_path / "a.mp4", Film(frames=100, rate=50))


@pytest.fixture
def devices(monkeypatch: pytest.MonkeyPatch) -> Devices:
    monkeypatch.setattr("realtime.commands.camera.live_filter", StandIn())
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    devices = Devices(monkeypatch)

    def stop() -> None:
        if len(devices.shown) == 20:
            os.kill(os.getpid(), signal.SIGINT)

    devices.on_send = stop
    return devices


def test_sound_goes_beside_the_picture_to_the_first_virtual_device(
    film: Path,
    devices: Devices,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sound = PortAudio(monkeypatch, *DEVICES)
    assert main(["camera", "--camera", str(film), "--microphone", "Desk"]) == 0
    said = capsys.readouterr().out
    assert "Desk goes to BlackHole 2ch, in step with the picture.\n" in said
    assert "Sound: 0.00 s left out" in said
    assert len(devices.shown) >= 20
    opened = [(stream.how["device"], stream.inward) for stream in sound.streams[:2]]
    assert opened == [(0, True), (2, False)]
    assert not any(stream.active for stream in sound.streams), "let go of at the end"


@pytest.mark.parametrize("missing", ["microphone", "virtual microphone"])
def test_a_sound_device_that_is_missing_does_not_hold_the_picture(
    film: Path,
    devices: Devices,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    missing: str,
) -> None:
    PortAudio(monkeypatch, *(DEVICES[1:] if missing == "microphone" else DEVICES[:2]))
    words = ["--microphone", "Desk", "--virtual-microphone", "BlackHole 2ch"]
    assert main(["camera", "--camera", str(film), *words]) == 0
    assert len(devices.shown) >= 20
    warned = [record.getMessage() for record in caplog.records]
    assert any(line.startswith(f"{missing} ") and "is not there" in line for line in warned)


def test_settings_name_the_devices_too(
    film: Path,
    devices: Devices,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    PortAudio(monkeypatch, *DEVICES)
    settings = tmp_path / "v.toml"
    settings.write_text('[camera]\nmicrophone = "Desk"\nsound_offset_ms = 40.0\n')
    assert main(["camera", "--config", str(settings), "--camera", str(film)]) == 0
    assert "Desk goes to BlackHole 2ch" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("listed", "words", "code", "line"),
    [
        (DEVICES[:2], ("--microphone", "Desk"), 5, "to make one: brew install blackhole-2ch"),
        (DEVICES, ("--microphone", "BlackHole 2ch"), 5, "there is no virtual sound device"),
        (
            DEVICES,
            ("--microphone", "BlackHole 2ch", "--virtual-microphone", "BlackHole 2ch"),
            2,
            "would hear what visavis plays",
        ),
        (None, ("--microphone", "Desk"), 6, "pip install sounddevice"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_a_code(
    film: Path,
    devices: Devices,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    listed: tuple[tuple[str, int, int], ...] | None,
    words: tuple[str, ...],
    code: int,
    line: str,
) -> None:
    if listed is None:
        monkeypatch.setitem(sys.modules, "sounddevice", None)
    else:
        PortAudio(monkeypatch, *listed)
    assert main(["camera", "--camera", str(film), *words]) == code
    said = capsys.readouterr().err
    assert line in said
    assert said.count("\n") == 1
    assert devices.shown == []

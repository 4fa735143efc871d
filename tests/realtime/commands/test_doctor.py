"""``visavis doctor`` as a user and as another program reads it."""

import json

import pytest

import realtime.commands.doctor as doctor
from realtime.__main__ import main
from realtime.health import Finding, State


def test_it_finds_this_machine_ready(capsys: pytest.CaptureFixture[str]):
    assert main(["doctor", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ready"] is True
    states = {found["name"]: found["state"] for found in report["findings"]}
    assert states["mediapipe"] == "ok"
    areas = {found["area"] for found in report["findings"]}
    assert areas >= {"machine", "packages", "cameras", "virtual cameras", "microphones"}


def test_it_says_what_is_missing_how_to_mend_it_and_exits_with_6(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    found = [
        Finding("packages", "av", State.MISSING, "video files", "pip install av"),
        Finding("cameras", "/dev/video0", State.OK, "Desk camera"),
    ]
    monkeypatch.setattr(doctor, "examine", lambda: found)
    assert main(["doctor"]) == 6
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "packages"
    assert lines[1].split() == ["missing", "av", "video", "files"]
    assert "pip install av" in lines[2]
    assert lines[-1] == "cannot run without av"

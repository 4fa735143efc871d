"""``visavis calibrate``: what it tells, and what it needs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from realtime.__main__ import main
from realtime.calibration import Verdict
from realtime.commands.calibrate import described, setting
from tests.realtime.clips import Film, make


def test_what_is_apart_is_mended_by_a_setting_on_top_of_what_is_set() -> None:
    found = Verdict(10, 10, 9, 63.4, 8.0)
    told = described(found, 20.0)
    assert "10 flashes and 9 beeps of 10 came back. 63 ms sound before its picture" in told
    assert told.endswith("[camera]\nsound_offset_ms = 83")
    assert setting(Verdict(1, 1, 1, -900.0), 0.0) == -500.0


def test_what_is_in_step_needs_no_mending() -> None:
    told = described(Verdict(10, 10, 10, -12.0, 8.0), 0.0)
    assert "12 ms picture before its sound" in told
    assert told.endswith("nothing to mend.")


@pytest.mark.parametrize(
    ("found", "hint"),
    [
        (Verdict(10, 0, 10), "does the camera look at the screen?"),
        (Verdict(10, 10, 0), "is the loudspeaker loud enough?"),
        (Verdict(10, 1, 1), "no flash and beep belong together"),
    ],
)
def test_what_did_not_come_back_is_told_with_what_to_look_at(found: Verdict, hint: str) -> None:
    assert described(found, 0.0).endswith(hint)


def test_without_a_screen_or_a_camera_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    film = make(tmp_path / "a.mp4", Film(frames=10))
    assert main(["calibrate", "--picture", str(film), "--sound", "x"]) == 5
    assert "no window can be opened here" in capsys.readouterr().err
    assert main(["calibrate", "--picture", "/dev/absent", "--sound", "x"]) == 5
    said = capsys.readouterr().err
    assert "camera /dev/absent: " in said
    assert said.count("\n") == 1

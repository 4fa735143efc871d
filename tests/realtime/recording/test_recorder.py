"""Recordings: on one clock, playable whatever ends them, and never in the way of the call."""

from __future__ import annotations

import json
import stat
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from realtime.clock import SECOND
from realtime.provenance import as_words
from realtime.recording import recorder as module
from realtime.recording.file import GuardedFile
from realtime.recording.log import edits_of
from realtime.recording.recorder import WAITING, Plan, Recorder, RecordingError
from realtime.types import Edit, Emotion, Filtered, Floats, Frame, Rung
from tests.realtime.recording.films import beeps, decoded, flashes

ORIGIN = 77 * SECOND
"""When the recording begins: the session clock counts from anywhere."""

FLASH = 0.5
"""Every half second the picture is white and a beep is heard."""


class Rig:
    """A recorder with a disk that has room, and what it said when it ended."""

    def __init__(self, folder: Path, **plan: object) -> None:
        self.reasons: list[str] = []
        self.room = 10**12
        whole = Plan(folder, "call", frozenset({"wet", "dry", "edit"}), ORIGIN)
        self.recorder = Recorder(
            replace(whole, **plan),
            self.reasons.append,
            lambda _: self.room,  # pyright: ignore
        )

    def film(self, seconds: float, late: Callable[[int], int] = lambda i: 0) -> None:
        """Give pictures at 30 a second and blocks of 20 ms, in the order of their capture."""
        blocks = 0
        for i in range(round(seconds * 30)):
            while blocks * 0.02 < i / 30:
                at = ORIGIN + blocks * SECOND // 50
                self.recorder.heard(beep(blocks), at + late(blocks))
                blocks += 1
            shot = picture(i)
            self.recorder.came(shot)
            self.recorder.shown(Filtered(shot, Rung.GEOMETRIC))
            self.settle()

    def settle(self) -> None:
        while vars(self.recorder)["_items"]:
            time.sleep(0.001)

    def end(self) -> str:
        self.recorder.stop()
        self.recorder.join()
        (reason,) = self.reasons
        return reason


def picture(i: int, size: tuple[int, int] = (64, 48)) -> Frame:
    width, height = size
    level = 235 if (i / 30) % FLASH < 0.06 else 16
    planes = tuple(np.full(s, level if k == 0 else 128, np.uint8) for k, s in enumerate(
        ((height, width), (height // 2, width // 2), (height // 2, width // 2))
    ))  # fmt: skip
    return Frame(planes, "yuv420p", ORIGIN + i * SECOND // 30, i, Fraction(1, 30), i)


def beep(number: int) -> Floats:
    t = (number * 960 + np.arange(960)) / 48_000
    tone = 0.4 * np.sin(2 * np.pi * 1000 * t) * ((t % FLASH) < 0.06)
    return tone.astype(np.float32)


def test_picture_and_sound_are_in_step_in_both_files_and_on_one_clock(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.film(3.0)
    assert rig.end() == ""
    assert sorted(p.name for p in rig.recorder.files) == [
        "call-dry.mp4", "call-edits.jsonl", "call-wet.mp4",
    ]  # fmt: skip
    for name in ("call-dry.mp4", "call-wet.mp4"):
        seen, heard = flashes(tmp_path / name), beeps(tmp_path / name)
        assert len(seen) == len(heard) == 6
        assert seen == pytest.approx([i * FLASH for i in range(6)], abs=0.001)
        assert heard == pytest.approx(seen, abs=0.01)


def test_jitter_is_smoothed_and_lost_sound_becomes_silence(tmp_path: Path) -> None:
    rig = Rig(tmp_path, what=frozenset({"wet"}))
    random = np.random.default_rng(1)
    shake = [int(v) for v in random.integers(-8_000_000, 8_000_000, 400)]
    real = rig.recorder.heard

    def lossy(block: object, captured: int) -> None:
        if not 1.2 < (captured - ORIGIN) / 1e9 < 1.45:  # between two beeps
            real(block, captured)  # pyright: ignore[reportArgumentType]

    rig.recorder.heard = lossy
    rig.film(4.0, lambda i: shake[i])
    assert rig.end() == ""
    heard = beeps(tmp_path / "call-wet.mp4")
    assert heard == pytest.approx([i * FLASH for i in range(8)], abs=0.02)


def test_clocks_that_drift_stay_in_step(tmp_path: Path) -> None:
    """A sound card 0.2 % fast: over 20 s the sound would be 40 ms late."""
    rig = Rig(tmp_path, what=frozenset({"wet"}))
    rig.film(20.0, lambda i: -round(i * 0.02 * 0.002 * SECOND))
    assert rig.end() == ""
    seen, heard = flashes(tmp_path / "call-wet.mp4"), beeps(tmp_path / "call-wet.mp4")
    truth = [t - 0.002 * t for t in seen]
    assert heard[-4:] == pytest.approx(truth[-4:], abs=0.02)


def test_what_was_captured_before_the_start_is_not_in_it(tmp_path: Path) -> None:
    rig = Rig(tmp_path, what=frozenset({"dry"}))
    rig.recorder.came(replace(picture(0), captured=ORIGIN - SECOND))
    for i in range(15, 20):
        rig.recorder.heard(beep(i), ORIGIN - SECOND + i * SECOND // 50)
        rig.recorder.came(picture(i))
    assert rig.end() == ""
    (path,) = rig.recorder.files
    times = [float((shot.pts or 0) * (shot.time_base or 1)) for shot in decoded(path)]
    assert times == pytest.approx([0, *(i / 30 for i in range(15, 20))], abs=0.001)


@pytest.mark.parametrize("full", ["call-wet.mp4", "call-edits.jsonl"])
def test_a_full_disk_ends_the_recording_with_a_sentence_and_keeps_what_is_there(
    tmp_path: Path, full: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = GuardedFile.write

    def limited(self: GuardedFile, data: bytes) -> int:
        if self.name.endswith(full) and self.written > (400_000 if full.endswith("4") else 8_000):
            self.broken = True
            raise OSError(28, "No space left on device")
        return write(self, data)

    monkeypatch.setattr(GuardedFile, "write", limited)
    rig = Rig(tmp_path)
    for i in range(400):
        rig.recorder.heard(beep(i), ORIGIN + i * SECOND // 50)
        shot = picture(i)
        rig.recorder.shown(Filtered(noisy(shot, i), Rung.GEOMETRIC))
        rig.recorder.note("edit", as_words(Edit(Emotion.HAPPY)), shot.captured)
        if not rig.reasons:
            rig.settle()
    assert rig.end() == "The recording ended early: the disk is full."
    shown = decoded(tmp_path / "call-wet.mp4")
    assert len(shown) > 20
    assert not (tmp_path / "call-dry.mp4").exists(), "a track without a picture is no file"


def noisy(frame: Frame, seed: int) -> Frame:
    luma = np.random.default_rng(seed).integers(16, 235, frame.planes[0].shape).astype(np.uint8)
    return frame.with_planes((luma, *frame.planes[1:]))


def test_a_process_that_is_killed_leaves_a_film_that_plays(tmp_path: Path) -> None:
    """The file is looked at while it is written, as it would be found after a crash."""
    rig = Rig(tmp_path, what=frozenset({"wet"}))
    rig.film(5.0)
    rig.settle()
    copy = tmp_path / "found.mp4"
    copy.write_bytes((tmp_path / "call-wet.mp4").read_bytes())
    assert len(decoded(copy)) >= 60
    assert rig.end() == ""
    assert len(decoded(tmp_path / "call-wet.mp4")) == 150


def test_the_longest_the_largest_and_a_disk_that_fills_up_end_it(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "a", longest=SECOND)
    rig.film(1.2)
    assert rig.end() == "The recording has reached its longest, 0.0166667 minutes."
    rig = Rig(tmp_path / "b", largest=1)
    rig.film(0.2)
    assert "largest" in rig.end()
    rig = Rig(tmp_path / "c")
    rig.room = 0
    rig.film(0.2)
    assert rig.end() == "The recording ended early: the disk is nearly full."


def test_a_recording_that_cannot_begin_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError, match="file"):
        Rig(tmp_path / "file")
    (tmp_path / "call-edits.jsonl").write_text("mine")
    with pytest.raises(RecordingError):
        Rig(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["call-edits.jsonl", "file"]
    assert (tmp_path / "call-edits.jsonl").read_text() == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no such bits")
def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "new")
    rig.film(0.2)
    assert rig.end() == ""
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in rig.recorder.files} == {0o600}


def test_a_slow_encoder_drops_pictures_and_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    write = module.Film.picture

    def stuck(self: module.Film, frame: Frame, at: int) -> None:
        release.wait(10)
        write(self, frame, at)

    monkeypatch.setattr(module.Film, "picture", stuck)
    rig = Rig(tmp_path, what=frozenset({"wet"}))
    start = time.monotonic()
    for i in range(100):
        rig.recorder.shown(Filtered(picture(i), Rung.GEOMETRIC))
    assert time.monotonic() - start < 1
    release.set()
    assert rig.end() == ""
    assert rig.recorder.dropped >= 100 - WAITING - 1
    assert len(decoded(tmp_path / "call-wet.mp4")) <= WAITING + 1


def test_the_log_tells_each_edit_at_its_time_and_plays_again(tmp_path: Path) -> None:
    first = Edit(Emotion.SAD, 0.7)
    changes: list[tuple[int, Edit]] = [
        (SECOND // 2, Edit(Emotion.HAPPY, 0.5, mouth=0.2, ramp_ms=100.0)),
        (SECOND, Edit(affect=(0.5, -0.25), coefficients=(("jawOpen", 0.5),))),
    ]
    rig = Rig(tmp_path, words={"edit": as_words(first)})
    rig.film(0.4)
    for at, edit in changes:
        rig.recorder.note("edit", as_words(edit), ORIGIN + at)
    rig.recorder.note("panic", {"ramp_ms": 0.0}, ORIGIN + 2 * SECOND)
    for i in range(12, 75):
        rig.recorder.shown(Filtered(picture(i), Rung.REUSE if i < 30 else Rung.GEOMETRIC))
        rig.settle()
    assert rig.end() == ""
    lines = (tmp_path / "call-edits.jsonl").read_text().splitlines()
    assert edits_of(lines) == [(0, first), *changes, (2 * SECOND, Edit(ramp_ms=0.0))]
    words = [json.loads(line) for line in lines]
    assert words[0]["generator"].startswith("visavis ")
    seconds = [line for line in words if line["type"] == "second"]
    assert seconds[0]["rungs"] == {"geometric": 12, "reuse": 18}
    assert seconds[1]["rungs"] == {"geometric": 30}
    assert words[-1]["type"] == "end"
    with pytest.raises(ValueError, match="no log of format"):
        edits_of(['{"type": "start", "format": 99}'])


def test_a_camera_that_changes_its_size_goes_on_in_the_first_ones(tmp_path: Path) -> None:
    rig = Rig(tmp_path, what=frozenset({"dry"}))
    for i, size in enumerate([(64, 48), (64, 48), (32, 18), (130, 98)]):
        rig.recorder.came(picture(i, size))
    assert rig.end() == ""
    assert {(shot.width, shot.height) for shot in decoded(tmp_path / "call-dry.mp4")} == {(64, 48)}

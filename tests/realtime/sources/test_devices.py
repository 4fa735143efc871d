"""How cameras are asked for, and what stands in for one."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.container import InputContainer

from realtime.clock import MS, ManualClock
from realtime.config import CameraSettings
from realtime.health import Finding, State
from realtime.sources.camera import CameraError
from realtime.sources.devices import (
    Pacer,
    Webcam,
    attempts,
    first_camera,
    open_camera,
    open_webcam,
    taken_at,
)
from realtime.types import Frame
from tests.realtime.clips import Film, make

SETTINGS = CameraSettings(device="0", width=1280, height=720, fps=30)


class Wait:
    """A pause that takes the time it is told to, on a clock that is not real."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.pauses: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.clock.advance(round(seconds * 1000 * MS))


@pytest.fixture
def wait() -> Wait:
    return Wait(ManualClock())


def test_linux_is_asked_for_mjpeg_then_for_less_and_less() -> None:
    ways = attempts(SETTINGS, "linux")
    assert {(way.format, way.file) for way in ways} == {("v4l2", "/dev/video0")}
    assert ways[0].options == {
        "input_format": "mjpeg",
        "video_size": "1280x720",
        "framerate": "30",
    }
    assert "input_format" not in ways[1].options
    assert ways[-1].options == {}


@pytest.mark.parametrize(
    ("system", "format_name", "file"),
    [("darwin", "avfoundation", "0:none"), ("win32", "dshow", "video=0")],
)
def test_other_systems_are_asked_in_their_own_words(
    system: str, format_name: str, file: str
) -> None:
    ways = attempts(SETTINGS, system)
    assert {(way.format, way.file) for way in ways} == {(format_name, file)}
    assert ways[0].options["video_size"] == "1280x720"
    assert not any("input_format" in way.options for way in ways)
    # avfoundation refuses FFmpeg's own default of 29.97.
    assert system != "darwin" or all("framerate" in way.options for way in ways)


def test_an_unknown_system_is_named() -> None:
    with pytest.raises(CameraError, match="plan9"):
        attempts(SETTINGS, "plan9")


def test_what_a_camera_refuses_is_not_asked_again(tmp_path: Path, wait: Wait) -> None:
    path = make(tmp_path / "a.mp4")
    asked: list[dict[str, str]] = []

    def opener(file: str, format_name: str, options: dict[str, str]) -> InputContainer:
        asked.append(options)
        if "input_format" in options:
            raise OSError(errno.EINVAL, "Invalid argument")
        return av.open(str(path), mode="r")

    device = open_webcam(attempts(SETTINGS, "linux"), wait.clock, wait, opener)
    assert len(asked) == 2
    assert device.size == (64, 48)
    assert len(list(device.frames())) == 12
    device.close()


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOENT, "there is no such device"),
        (errno.EACCES, "usermod -aG video"),
        (errno.EBUSY, "another program uses it"),
        (errno.EIO, "cannot be opened"),
    ],
)
def test_why_a_camera_cannot_be_opened_is_told(wait: Wait, number: int, sentence: str) -> None:
    def opener(file: str, format_name: str, options: dict[str, str]) -> InputContainer:
        raise OSError(number, "the system's words")

    with pytest.raises(CameraError, match=sentence) as raised:
        open_webcam(attempts(SETTINGS, "linux"), wait.clock, wait, opener)
    assert str(raised.value).startswith("camera /dev/video0: ")


class Hesitant:
    """A container whose packets do not come every time they are asked for."""

    def __init__(self, container: InputContainer) -> None:
        self._container = container
        self._packets = container.demux(container.streams.video[0])
        self.streams = container.streams
        self.asked = 0

    def demux(self, stream: object) -> Iterator[object]:
        while True:
            self.asked += 1
            if self.asked % 3 == 0:
                raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
            try:
                packet = next(self._packets)
            except StopIteration:
                return
            yield packet

    def close(self) -> None:
        self._container.close()


def test_a_camera_that_has_nothing_yet_is_asked_again(tmp_path: Path, wait: Wait) -> None:
    container = Hesitant(av.open(str(make(tmp_path / "a.mp4")), mode="r"))
    device = Webcam(container, "mac", wait.clock, wait)  # pyright: ignore[reportArgumentType]
    assert len(list(device.frames())) == 12
    assert len(wait.pauses) >= 4
    device.close()


@pytest.mark.parametrize(
    ("stamp_ms", "taken_ms"), [(9_960, 9_960), (10_001, 10_000), (8_000, 10_000), (None, 10_000)]
)
def test_a_stamp_of_our_own_clock_is_believed_and_no_other(
    stamp_ms: int | None, taken_ms: int
) -> None:
    picture = av.VideoFrame(2, 2, "gray")
    picture.pts = stamp_ms
    picture.time_base = Fraction(1, 1000)
    assert taken_at(picture, 10_000 * MS) == taken_ms * MS


def test_a_film_plays_at_its_own_pace_again_and_again(tmp_path: Path, wait: Wait) -> None:
    stamps = [0, 512, 1024, 6400]
    path = make(tmp_path / "a.mp4", Film(frames=4, stamps=stamps))
    device = open_camera(CameraSettings(device=str(path)), wait.clock, wait)
    assert device.size == (64, 48)
    frames = device.frames()
    shown = [next(frames) for _ in range(8)]
    assert [f.captured // MS for f in shown[:4]] == [0, 40, 80, 500]
    assert [f.captured // MS for f in shown[4:]] == [500, 540, 580, 1000]
    np.testing.assert_array_equal(shown[0].planes[0], shown[4].planes[0])
    device.close()


def test_a_film_on_its_side_stands_upright_as_a_camera(tmp_path: Path, wait: Wait) -> None:
    path = make(tmp_path / "a.mp4", Film(frames=2, degrees=90))
    device = open_camera(CameraSettings(device=str(path)), wait.clock, wait)
    assert device.size == (48, 64)
    device.close()


def test_a_drawing_comes_no_faster_than_its_rate(wait: Wait) -> None:
    settings = CameraSettings(device="lavfi:testsrc=size=64x48:rate=20")
    device = open_camera(settings, wait.clock, wait)
    frames = device.frames()
    shown = [next(frames) for _ in range(5)]
    assert [f.captured // MS for f in shown] == [0, 50, 100, 150, 200]
    assert device.size == (64, 48)
    device.close()


@pytest.mark.parametrize(
    ("device", "sentence"),
    [
        ("lavfi:nonsense", "camera nonsense: cannot be opened"),
        ("/nowhere/video7", "camera /nowhere/video7: "),
        ("http://127.0.0.1:9/absent", "camera http://127.0.0.1:9/absent: cannot be opened"),
    ],
)
def test_what_is_no_camera_is_named(wait: Wait, device: str, sentence: str) -> None:
    with pytest.raises(CameraError, match=sentence):
        open_camera(CameraSettings(device=device), wait.clock, wait)


def test_a_broken_film_is_no_camera(tmp_path: Path, wait: Wait) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"nothing")
    with pytest.raises(CameraError, match="is not a video"):
        open_camera(CameraSettings(device=str(path)), wait.clock, wait)


def test_the_first_camera_is_a_real_one(monkeypatch: pytest.MonkeyPatch) -> None:
    none = Finding("cameras", "none", State.ABSENT, "")
    made = Finding("virtual cameras", "/dev/video0", State.OK, "")
    real = Finding("cameras", "/dev/video2", State.OK, "")
    monkeypatch.setattr("realtime.sources.devices.cameras", lambda: [real, made])
    assert first_camera() == "/dev/video2"
    monkeypatch.setattr("realtime.sources.devices.cameras", lambda: [none, made])
    with pytest.raises(CameraError, match="there is no camera"):
        first_camera()


def test_a_pacer_that_fell_behind_does_not_race(wait: Wait) -> None:
    pacer = Pacer(wait.clock, wait)
    frame = Frame((np.zeros((2, 2), np.uint8),), "gray", 0, 0, Fraction(1, 1000), 0)
    pacer.hold(frame, 0)
    wait.clock.advance(3000 * MS)  # a machine that slept
    times = [pacer.hold(frame, i * 40 * MS).captured // MS for i in range(1, 4)]
    assert times == [3000, 3040, 3080]

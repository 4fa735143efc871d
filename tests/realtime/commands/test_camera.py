"""``visavis camera`` from a stand-in for the camera to a device that pyvirtualcam opens."""

from __future__ import annotations

import io
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from realtime.__main__ import main
from realtime.clock import MS, ManualClock
from realtime.commands.errors import Exit
from realtime.commands.status_line import StatusLine
from realtime.osc.packets import OscText, decode, encode
from realtime.sources.camera import CameraError
from realtime.types import Emotion, Filtered, Frame, Landmarks, Rung
from tests.realtime.clips import Film, make
from tests.realtime.commands.stand_in import PATCH, WHITE, StandIn
from tests.realtime.sinks.devices import Devices


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn()
    monkeypatch.setattr("realtime.commands.camera.live_filter", stand_in)
    return stand_in


@pytest.fixture
def devices(monkeypatch: pytest.MonkeyPatch) -> Devices:
    return Devices(monkeypatch)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return make(tmp_path / "a.mp4", Film(frames=100, rate=50))


def stop_after(devices: Devices, frames: int) -> None:
    """Press Ctrl-C once so many frames have arrived."""

    def check() -> None:
        if len(devices.shown) == frames:
            os.kill(os.getpid(), signal.SIGINT)

    devices.on_send = check


BARE = ("--no-badge", "--no-mark")


def run(*words: str | Path, bare: bool = True) -> int:
    return main(["camera", *(BARE if bare else ()), *map(str, words)])


def test_filtered_frames_reach_the_device_until_ctrl_c(
    film: Path, stand_in: StandIn, devices: Devices, capsys: pytest.CaptureFixture[str]
) -> None:
    stop_after(devices, 15)
    words = ("--camera", film, "--virtual-camera", "/dev/other", "--fps", "50")
    assert run(*words, "--emotion", "sad", "--eyes", "0.5") == 0
    shown = devices.luma(64, 48)
    assert len(shown) == 15
    assert all((luma[PATCH] == WHITE).all() for luma in shown)
    assert len({int(luma[40, 5]) for luma in shown}) > 1  # not one picture again and again
    how = devices.opened[0]
    assert (how["width"], how["height"], how["fps"]) == (64, 48, 50)
    assert (how["device"], devices.closed) == ("/dev/other", 1)
    edit = stand_in.edits[0]
    assert (edit.emotion, edit.intensity, edit.eyes) == (Emotion.SAD, 0.8, 0.5)
    said = capsys.readouterr()
    first, last = said.out.splitlines()
    assert first == f"{film} (64x48) goes to /dev/other; Ctrl-C ends."
    assert last in ("14 frames shown.", "15 frames shown.")  # Ctrl-C came with the fifteenth
    assert said.err == ""


def test_the_badge_is_there_unless_it_is_switched_off(
    tmp_path: Path, stand_in: StandIn, devices: Devices
) -> None:
    film = make(tmp_path / "a.mp4", Film(frames=100, rate=50, size=(320, 240)))
    corners: list[int] = []
    for words in ((), ("--no-badge",)):
        devices.shown.clear()
        stop_after(devices, 5)
        assert run("--camera", film, *words, bare=False) == 0
        corners.append(int(np.ptp(devices.luma(320, 240)[-1][-30:, -120:].astype(int))))
    # The film itself is noise of 40 levels there.
    assert corners[0] > 100
    assert corners[1] < 60


def test_frames_come_at_the_rate_of_the_camera(
    film: Path, stand_in: StandIn, devices: Devices
) -> None:
    from time import monotonic

    times: list[float] = []
    stop_after(devices, 26)
    count = devices.on_send

    def note() -> None:
        times.append(monotonic())
        count()

    devices.on_send = note
    assert run("--camera", film) == 0
    assert 0.4 < times[-1] - times[0] < 5  # 25 steps of 20 ms, on a machine that may be busy


def test_an_unplugged_camera_comes_back_while_the_session_goes_on(
    stand_in: StandIn,
    devices: Devices,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    plugs = 0

    class Fragile:
        name, size = "/dev/fragile", (64, 48)

        def frames(self) -> Iterator[Frame]:
            pause = threading.Event()
            for i in range(4):
                planes = tuple(np.full(s, 50 + plugs, np.uint8) for s in ((48, 64), (24, 32)))
                stamp = clock.now()
                yield Frame((*planes, planes[1]), "yuv420p", stamp, i, Fraction(1, 30), i)
                pause.wait(0.01)
            raise OSError(19, "No such device")

        def close(self) -> None:
            pass

    def plug(settings: object, session_clock: object, pause: object) -> Fragile:
        nonlocal plugs
        plugs += 1
        if plugs == 2:
            raise CameraError("not yet")
        return Fragile()

    from realtime.clock import SystemClock

    clock = SystemClock()
    monkeypatch.setattr("realtime.commands.camera.open_camera", plug)
    stop_after(devices, 6)
    assert run() == 0
    values = [int(luma[40, 5]) for luma in devices.luma(64, 48)]
    assert values == sorted(values)
    assert {51, 53} <= set(values)
    lines = [record.getMessage() for record in caplog.records]
    assert "camera /dev/fragile went away (No such device); waiting" in lines
    assert "camera /dev/fragile is back" in lines


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (("--camera", "/dev/absent"), 5, "camera /dev/absent: "),
        (("--camera", "FILM", "--virtual-camera", "/dev/absent"), 5, "/dev/absent is not a virt"),
        (("--size", "big"), 2, "'big' is not a size such as 1280x720"),
        (("--size", "8x8"), 2, "8x8 is not between"),
        (("--fps", "0"), 2, "0 is not between 1 and 240"),
        (("--emotion", "bored"), 2, "'bored' is none of neutral, happy, sad"),
    ],
)
def test_what_is_missing_or_wrong_is_one_line_and_a_code(
    film: Path,
    stand_in: StandIn,
    devices: Devices,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: int,
    line: str,
) -> None:
    assert run(*(film if word == "FILM" else word for word in words)) == code
    said = capsys.readouterr().err
    assert line in said
    assert said.count("\n") == 1
    assert devices.shown == []


def test_without_virtual_camera_the_command_that_makes_one_is_told(
    film: Path,
    devices: Devices,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    devices.layouts = set()
    monkeypatch.setattr("platform.system", lambda: "Linux")
    assert run("--camera", film) == 5
    assert "modprobe v4l2loopback exclusive_caps=1" in capsys.readouterr().err


def test_without_the_package_the_code_says_so(
    film: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    assert run("--camera", film) == 6
    assert "pip install pyvirtualcam" in capsys.readouterr().err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(age_ms: int, now: int, faces: int = 1) -> Filtered:
    frame = Frame((np.zeros((2, 2), np.uint8),), "gray", now - age_ms * MS, 0, Fraction(1), 0)
    found = (Landmarks(np.zeros((478, 3), np.float32), 1.0, 0),) * faces
    return Filtered(frame, Rung.REUSE, found)


def test_the_line_on_the_terminal_says_rate_age_rung_and_faces() -> None:
    clock, terminal = ManualClock(), Terminal()
    line = StatusLine(clock, lambda: 25.0, terminal)
    for i in range(51):
        line.send(shown(41, clock.now(), faces=i % 2))
        clock.advance(50 * MS)
    line.close()
    lines = terminal.getvalue().split("\r")
    assert lines[-1] == "20.0 fps of the camera's 25.0   41 ms old  reuse  no face\n"
    assert len(lines) == 7  # twice a second, not once a frame


def test_off_a_terminal_the_line_is_silent() -> None:
    clock, file = ManualClock(), io.StringIO()
    line = StatusLine(clock, lambda: 25.0, file)
    line.send(shown(41, clock.now()))
    line.close()
    assert file.getvalue() == ""


def test_osc_is_told_what_the_face_shows_and_moves_it(
    film: Path, stand_in: StandIn, devices: Devices
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as avatar:
        avatar.bind(("127.0.0.1", 0))
        avatar.settimeout(5)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]

        def send() -> None:
            if len(devices.shown) == 5:
                avatar.sendto(encode(OscText("/visavis/emotion", ("sad",))), ("127.0.0.1", port))
            if len(devices.shown) == 40:
                os.kill(os.getpid(), signal.SIGINT)

        devices.on_send = send
        ports = (f"--osc-in=127.0.0.1:{port}", f"--osc-out=127.0.0.1:{avatar.getsockname()[1]}")
        assert run("--camera", film, *ports) == 0
        assert OscText("/VMC/Ext/OK", (0,)) in decode(avatar.recv(65_536)), "nobody is in the film"
    assert stand_in.edits[0].emotion is Emotion.HAPPY
    assert stand_in.edits[-1].emotion is Emotion.SAD


def test_an_osc_port_that_is_taken_is_one_sentence(
    film: Path, stand_in: StandIn, devices: Devices, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert run("--camera", film, "--osc-in", address) == 5
    error = capsys.readouterr().err
    assert error.startswith(f"visavis: OSC at {address}: ")
    assert error.count("\n") == 1


def test_a_resting_face_is_shown_to_the_filter_first(
    film: Path, tmp_path: Path, stand_in: StandIn, devices: Devices
) -> None:
    rest = make(tmp_path / "rest.mp4", Film(frames=20))
    stop_after(devices, 5)
    assert run("--camera", film, "--rest", rest) == 0
    assert stand_in.rests == 20


def test_a_resting_face_that_cannot_be_read_ends_it_before_anything_is_shown(
    film: Path, stand_in: StandIn, devices: Devices, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in.faces = lambda seq: 0
    assert run("--camera", film, "--rest", film) == Exit.UNREADABLE
    assert capsys.readouterr().err.endswith("a.mp4: there is no face in it\n")
    assert (devices.shown, stand_in.render.closes) == ([], 1)

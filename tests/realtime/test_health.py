"""What the doctor finds, on machines that have things and on machines that lack them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from realtime.health import (
    Finding,
    Part,
    State,
    cameras,
    is_ready,
    mend_of,
    microphones,
    networks,
    parts,
    virtual_microphones,
)


def video_device(
    root: Path, name: str, label: str, *, virtual: bool = False, index: int = 0
) -> None:
    entry = root / "class/video4linux" / name
    entry.mkdir(parents=True)
    (entry / "name").write_text(label + "\n", encoding="utf-8")
    (entry / "index").write_text(f"{index}\n", encoding="utf-8")
    if virtual:
        (root / "devices/virtual/video4linux" / name).mkdir(parents=True)


def test_linux_cameras_are_told_from_virtual_ones_and_from_metadata_nodes(tmp_path: Path):
    video_device(tmp_path, "video10", "visavis", virtual=True)
    video_device(tmp_path, "video2", "Desk camera")
    video_device(tmp_path, "video0", "Laptop camera")
    video_device(tmp_path, "video1", "Laptop camera", index=1)
    assert cameras("Linux", tmp_path) == [
        Finding("cameras", "/dev/video0", State.OK, "Laptop camera"),
        Finding("cameras", "/dev/video2", State.OK, "Desk camera"),
        Finding("virtual cameras", "/dev/video10", State.OK, "visavis"),
    ]


def test_a_machine_without_cameras_says_how_to_get_a_virtual_one(tmp_path: Path):
    real, virtual = cameras("Linux", tmp_path)
    assert (real.state, virtual.state) == (State.ABSENT, State.ABSENT)
    assert "modprobe v4l2loopback" in virtual.mend


@pytest.mark.parametrize(("system", "asked"), [("Darwin", "avfoundation"), ("Windows", "dshow")])
def test_other_systems_are_asked_through_av(system: str, asked: str):
    def enumerate_input_devices(name: str) -> list[object]:
        assert name == asked
        return [
            SimpleNamespace(name="0", description="FaceTime HD", media_types=["video"]),
            SimpleNamespace(name="1", description="OBS Virtual Camera", media_types=["video"]),
            SimpleNamespace(name="2", description="Microphone", media_types=["audio"]),
        ]

    av = SimpleNamespace(enumerate_input_devices=enumerate_input_devices)
    assert [(f.area, f.detail) for f in cameras(system, load=lambda _: av)] == [
        ("cameras", "FaceTime HD"),
        ("virtual cameras", "OBS Virtual Camera"),
    ]


def broken(error: Exception) -> Any:
    def load(name: str) -> object:
        raise error

    return load


def test_nothing_that_breaks_breaks_the_doctor():
    load = broken(RuntimeError("driver gone"))
    assert [f.state for f in cameras("Windows", load=load)] == [State.ABSENT, State.ABSENT]
    assert microphones(load)[0].detail == "driver gone"
    assert [f.state for f in parts(load=load) if f.name == "mediapipe"] == [State.MISSING]


def test_a_library_that_an_import_lacks_is_named_with_its_remedy():
    error = ImportError("libGL.so.1: cannot open shared object file: No such file or directory")
    (found,) = parts([Part("cv2", "opencv", "pictures", needed=True)], broken(error))
    assert found.state is State.MISSING
    assert "libGL.so.1" in found.detail
    assert found.mend == "sudo apt-get install libgl1"
    assert microphones(broken(OSError("PortAudio library not found")))[0].mend == mend_of(
        OSError("PortAudio")
    )


def test_a_package_that_is_not_installed_is_to_be_installed_by_pip():
    error = ModuleNotFoundError("No module named 'x'", name="x")
    (found,) = parts([Part("x", "x-package", "this", version="==2")], broken(error))
    assert found == Finding(
        "packages", "x-package", State.ABSENT, "this", "pip install 'x-package==2'"
    )


def test_microphones_are_what_records():
    devices = [{"name": "Mic", "max_input_channels": 2}, {"name": "Out", "max_input_channels": 0}]
    sounddevice = SimpleNamespace(query_devices=lambda: devices)
    assert microphones(lambda _: sounddevice, unanswered) == [
        Finding("microphones", "Mic", State.OK, "2 channels")
    ]


def test_a_sound_servers_microphones_are_listed_but_not_the_monitors():
    served = "Source #1\n\tName: desk\n\tDescription: Desk microphone\n\nSource #2\n\tName: m\n"
    served += "\tDescription: Monitor of x\n\tMonitor of Sink: x\n"
    sounddevice = SimpleNamespace(query_devices=list)
    assert microphones(lambda _: sounddevice, lambda *_: served) == [
        Finding("microphones", "desk", State.OK, "Desk microphone")
    ]


def test_virtual_microphones_are_listed_or_the_command_that_makes_one():
    sink = "Sink #3\n\tName: visavis\n\tDescription: Calls\n\tDriver: module-null-sink.c\n"
    (found,) = virtual_microphones("Linux", broken(OSError("PortAudio")), lambda *_: sink)
    assert (found.name, found.state) == ("visavis", State.OK)
    assert found.detail == "others choose Monitor of Calls"
    devices = [{"name": name, "max_output_channels": 2} for name in ("BlackHole 2ch", "Speakers")]
    sounddevice = SimpleNamespace(query_devices=lambda: devices)
    (found,) = virtual_microphones("Darwin", lambda _: sounddevice, unanswered)
    assert (found.name, found.state) == ("BlackHole 2ch", State.OK)
    for system, mend in (
        ("Linux", "pactl load-module module-null-sink sink_name=visavis"),
        ("Darwin", "brew install blackhole-2ch"),
        ("Windows", "VB-CABLE"),
    ):
        (found,) = virtual_microphones(system, broken(OSError("PortAudio")), unanswered)
        assert found.state is State.ABSENT
        assert mend in found.mend


def unanswered(*command: str) -> None:
    return


def test_only_what_is_needed_keeps_it_from_running():
    assert is_ready([Finding("cameras", "none", State.ABSENT)])
    assert not is_ready([Finding("packages", "av", State.MISSING)])


def test_each_network_is_told_with_who_runs_it_and_why_nobody_quicker():
    quick = SimpleNamespace(network="mesh", runs_on="tensorrt on RTX 4090, fp16", refused={})
    slow = SimpleNamespace(
        network="detector", runs_on="openvino on CPU, fp32", refused={"tensorrt": "no GPU"}
    )
    none = SimpleNamespace(network="other", runs_on=None, refused={"openvino": "not installed"})
    survey = SimpleNamespace(survey_networks=lambda: [quick, slow, none])
    assert networks(lambda name: survey) == [
        Finding("networks", "mesh", State.OK, "tensorrt on RTX 4090, fp16"),
        Finding("networks", "detector", State.OK, "openvino on CPU, fp32; not on tensorrt: no GPU"),
        Finding(
            "networks",
            "other",
            State.ABSENT,
            "not on openvino: not installed",
            "pip install 'visavis[engines]'",
        ),
    ]


def test_networks_that_cannot_be_asked_are_absent_and_no_end():
    def broken(name: str) -> Any:
        raise ImportError("no numpy")

    assert networks(broken) == [Finding("networks", "none", State.ABSENT, "no numpy")]

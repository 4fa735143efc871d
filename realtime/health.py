"""Looks for what visavis needs and could use on this machine, and knows how to get it."""

from __future__ import annotations

import importlib
import platform
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from engines.discretion import keep_quiet
from realtime.machine import cores, cpu, gpus, memory_gib, output_of, version_of
from realtime.sound.sound_server import Ask, is_made_up, server_devices

SYSTEM = platform.system()


class State(str, Enum):
    """What was found."""

    OK = "ok"
    ABSENT = "absent"  # something works less well, or not at all, without it
    MISSING = "missing"  # nothing works without it


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked for.

    Attributes:
        area: what kind of thing it is; the heading in the report.
        name: what it is called here, as other commands take it.
        state: whether it is there.
        detail: what else is known of it.
        mend: the command that brings it, where it is not there.
    """

    area: str
    name: str
    state: State
    detail: str = ""
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A package that can be probed.

    Attributes:
        module: what to import; an import is the only proof that its libraries are there too.
        package: its name on PyPI.
        use: what it is for.
        needed: nothing works without it.
        version: what to ask pip for, where it may not be any.
    """

    module: str
    package: str
    use: str
    needed: bool = False
    version: str = ""


PARTS = (
    Part("cv2", "opencv-contrib-python", "pictures", needed=True, version="<4.12"),
    Part("av", "av", "video files and cameras", needed=True),
    Part("mediapipe", "mediapipe", "finding faces", needed=True, version="==0.10.21"),
    Part("numba", "numba", "fast pixels", needed=True),
    Part("aiortc", "aiortc", "calls in the browser"),
    Part("pyvirtualcam", "pyvirtualcam", "the virtual camera"),
    Part("onnxruntime", "onnxruntime", "networks on any machine"),
    Part("openvino", "openvino", "networks on Intel"),
    Part("tensorrt_rtx", "tensorrt-rtx-cu13", "networks on GeForce and RTX"),
    Part("tensorrt", "tensorrt-cu13", "networks on data-centre GPUs"),
    Part("torch", "torch", "training"),
)

LIBRARIES = {
    "libGL.so.1": "sudo apt-get install libgl1",
    "libgthread-2.0.so.0": "sudo apt-get install libglib2.0-0",
    "libglib-2.0.so.0": "sudo apt-get install libglib2.0-0",
    "PortAudio": "sudo apt-get install libportaudio2",
}
"""What brings a system library on Debian and Ubuntu, by its name in the error of an import."""

VIRTUAL_CAMERA = {
    "Linux": "sudo apt-get install v4l2loopback-dkms && "
    "sudo modprobe v4l2loopback exclusive_caps=1 card_label=visavis",
    "Darwin": "brew install --cask obs, then start its virtual camera once",
    "Windows": "winget install OBSProject.OBSStudio, then start its virtual camera once",
}

VIRTUAL_MICROPHONE = {
    "Linux": "pactl load-module module-null-sink sink_name=visavis && pactl load-module "
    "module-remap-source master=visavis.monitor source_name=visavis_microphone "
    "source_properties=device.description=visavis",
    "Darwin": "brew install blackhole-2ch",
    "Windows": "install VB-CABLE from https://vb-audio.com/Cable",
}
"""What makes a sound device that others can record. On Linux two: the sink that visavis plays into,
and its sound as a microphone, because browsers leave monitors of sinks out of their lists."""

ENGINES = "pip install 'visavis[engines]'"
"""What brings a back-end for the networks."""

Import = Callable[[str], Any]


def examine() -> list[Finding]:
    """Look for everything; nothing that is absent or broken raises."""
    return [
        *machine(),
        *parts(),
        *cameras(),
        *microphones(),
        *virtual_microphones(),
        *networks(),
    ]


def is_ready(findings: Iterable[Finding]) -> bool:
    """Tell whether the filter itself can run, on a file or in a call."""
    return all(finding.state is not State.MISSING for finding in findings)


def machine() -> list[Finding]:
    """Describe processor, memory, Python and GPUs."""
    return [
        Finding("machine", cpu() or "CPU", State.OK, f"{cores()} cores, {memory_gib()} GiB memory"),
        Finding("machine", f"Python {platform.python_version()}", State.OK, platform.platform()),
        *(Finding("machine", gpu, State.OK, "GPU") for gpu in gpus()),
    ] + ([] if gpus() else [Finding("machine", "NVIDIA GPU", State.ABSENT, "not needed")])


def parts(known: Iterable[Part] = PARTS, load: Import = importlib.import_module) -> list[Finding]:
    """Import each package and say what came of it."""
    keep_quiet()
    return [_part(part, load) for part in known]


def _part(part: Part, load: Import) -> Finding:
    lacking = State.MISSING if part.needed else State.ABSENT
    try:
        module = load(part.module)
    except Exception as error:  # noqa: BLE001 - a broken package may raise anything; it is reported
        gone = isinstance(error, ModuleNotFoundError) and error.name == part.module
        pip = f"pip install '{part.package}{part.version}'"
        detail = part.use if gone else f"{part.use}; cannot be imported: {error}"
        return Finding("packages", part.package, lacking, detail, mend_of(error) or pip)
    detail = " ".join(filter(None, (version_of(part.package), f"({part.use})", _providers(module))))
    return Finding("packages", part.package, State.OK, detail)


def _providers(module: Any) -> str:
    """Return what ONNX Runtime can compute on."""
    if module.__name__ != "onnxruntime":
        return ""
    return ", ".join(
        name.removesuffix("ExecutionProvider") for name in module.get_available_providers()
    )


def mend_of(error: Exception) -> str:
    """Return the command that brings the system library which ``error`` names, if it names one."""
    return next((mend for library, mend in LIBRARIES.items() if library in str(error)), "")


def cameras(
    system: str = SYSTEM, sys_root: Path = Path("/sys"), load: Import = importlib.import_module
) -> list[Finding]:
    """List cameras, then virtual cameras; each kind has at least one finding."""
    if system == "Linux":
        listed = _video4linux(sys_root)
    else:
        listed = _listed("avfoundation" if system == "Darwin" else "dshow", load)
    real = [
        Finding("cameras", name, State.OK, label) for name, label, made_up in listed if not made_up
    ]
    made = [
        Finding("virtual cameras", name, State.OK, label)
        for name, label, made_up in listed
        if made_up
    ]
    no_real = Finding(
        "cameras", "none", State.ABSENT, "", "plug one in, or use the page on another device"
    )
    no_made = Finding("virtual cameras", "none", State.ABSENT, "", VIRTUAL_CAMERA.get(system, ""))
    return (real or [no_real]) + (made or [no_made])


def _video4linux(sys_root: Path) -> list[tuple[str, str, bool]]:
    """Return (device, label, virtual) of each; the kernel puts what has no hardware apart."""
    found: list[tuple[str, str, bool]] = []
    for entry in sorted(sys_root.glob("class/video4linux/video*"), key=_number):
        if _text(entry / "index") not in ("", "0"):
            continue  # a second node of the same camera, for its metadata
        virtual = (sys_root / "devices/virtual/video4linux" / entry.name).exists()
        found.append((f"/dev/{entry.name}", _text(entry / "name"), virtual))
    return found


def _number(entry: Path) -> int:
    digits = entry.name.removeprefix("video")
    return int(digits) if digits.isdigit() else 0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _listed(format_name: str, load: Import) -> list[tuple[str, str, bool]]:
    try:
        devices = load("av").enumerate_input_devices(format_name)
        named = [(str(d.name), str(d.description)) for d in devices if "video" in d.media_types]
    except Exception:  # noqa: BLE001 - no list is a finding, not a failure
        return []
    return [(name, label, "virtual" in f"{name} {label}".lower()) for name, label in named]


def microphones(load: Import = importlib.import_module, ask: Ask = output_of) -> list[Finding]:
    """List what can record sound: what PortAudio names, and the sources of a sound server."""
    try:
        devices = load("sounddevice").query_devices()
    except Exception as error:  # noqa: BLE001 - PortAudio raises its own kinds; each is reported
        return [Finding("microphones", "none", State.ABSENT, str(error), mend_of(error))]
    served = [
        Finding("microphones", d.name, State.OK, d.description)
        for d in server_devices("sources", ask)
        if not d.monitors
    ]
    found = [
        Finding("microphones", d["name"], State.OK, f"{d['max_input_channels']} channels")
        for d in devices
        if d["max_input_channels"] > 0
    ]
    nothing = Finding("microphones", "none", State.ABSENT, "", "plug one in")
    return served + found or [nothing]


def virtual_microphones(
    system: str = SYSTEM, load: Import = importlib.import_module, ask: Ask = output_of
) -> list[Finding]:
    """List what sound can be played into so that other programs record it."""
    served = [d for d in server_devices("sinks", ask) if d.virtual]
    found = [(d.name, f"others choose Monitor of {d.description}") for d in served]
    with suppress(Exception):  # `microphones` has told of it
        playing = [d for d in load("sounddevice").query_devices() if d["max_output_channels"] > 0]
        names = dict.fromkeys(str(d["name"]) for d in playing)
        found += [(name, "") for name in names if is_made_up(name)]
    if found:
        return [Finding("virtual microphones", name, State.OK, told) for name, told in found]
    mend = VIRTUAL_MICROPHONE.get(system, "")
    return [Finding("virtual microphones", "none", State.ABSENT, "", mend)]


def networks(load: Import = importlib.import_module) -> list[Finding]:
    """Say where each network of the landmark engine runs, and why on nothing quicker."""
    try:
        places: list[Any] = list(load("engines.survey").survey_networks())
    except Exception as error:  # noqa: BLE001 - a broken package may raise anything; it is reported
        return [Finding("networks", "none", State.ABSENT, str(error))]
    return [_network(place) for place in places]


def _network(place: Any) -> Finding:
    refused = [f"not on {who}: {why}" for who, why in place.refused.items()]
    if place.runs_on is None:
        return Finding("networks", place.network, State.ABSENT, "; ".join(refused), ENGINES)
    return Finding("networks", place.network, State.OK, "; ".join([place.runs_on, *refused]))

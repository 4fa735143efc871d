"""Which sound device a name means on each system, and what is opened for it."""

from __future__ import annotations

import os
import sys
from typing import Any

import numpy as np
import pytest

from realtime.clock import MS
from realtime.sound import devices
from realtime.sound.devices import (
    NoPortAudioError,
    SoundError,
    first_virtual,
    names,
    open_microphone,
    open_speaker,
    resolve,
    returned,
)
from realtime.sound.sound_server import Side, server_devices
from realtime.types import Floats
from tests.realtime.sound.portaudio import PortAudio

SINKS = """Sink #0
\tState: SUSPENDED
\tName: alsa_output.pci-0000_00_1f.3.analog-stereo
\tDescription: Built-in Audio Analog Stereo
\tDriver: PipeWire
\tMonitor Source: alsa_output.pci-0000_00_1f.3.analog-stereo.monitor

Sink #7
\tState: IDLE
\tName: visavis
\tDescription: visavis
\tDriver: PipeWire
\tProperties:
\t\tfactory.name = "support.null-audio-sink"
"""
SOURCES = """Source #0
\tName: alsa_input.usb-Desk.mono
\tDescription: Desk microphone Mono
\tMonitor of Sink: n/a

Source #7
\tName: visavis.monitor
\tDescription: Monitor of visavis
\tMonitor of Sink: visavis
"""


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> PortAudio:
    served = {"sinks": SINKS, "sources": SOURCES}

    def listed(side: Side) -> Any:
        return server_devices(side, lambda *words: served[str(words[-1])])

    monkeypatch.setattr(devices, "server_devices", listed)
    monkeypatch.setattr(sys, "platform", "linux")
    return PortAudio(
        monkeypatch, ("HDA Intel PCH: ALC (hw:0,0)", 2, 2), ("default", 32, 32), ("pulse", 32, 32)
    )


def ignore(samples: Floats, age: int, lost: bool) -> None:
    return


def mac(monkeypatch: pytest.MonkeyPatch) -> PortAudio:
    monkeypatch.setattr(sys, "platform", "darwin")
    both = ("BlackHole 2ch", 2, 2)
    return PortAudio(
        monkeypatch, ("MacBook Pro Microphone", 1, 0), ("MacBook Pro Speakers", 0, 2), both
    )


def test_the_sound_servers_devices_are_meant_by_name_description_or_a_part(
    linux: PortAudio,
) -> None:
    for name in ("alsa_input.usb-Desk.mono", "desk microphone mono", "Desk"):
        found = resolve("sources", name)
        assert (found.name, found.index) == ("alsa_input.usb-Desk.mono", 2)
        assert found.environment["PULSE_SOURCE"] == found.name
    assert resolve("sinks", "visavis").environment["PULSE_SINK"] == "visavis"
    assert resolve("sinks", "hw:0").index == 0
    assert resolve("sources", "default").index == 1
    assert names("sinks")[:2] == ["alsa_output.pci-0000_00_1f.3.analog-stereo", "visavis"]


def test_the_server_learns_which_only_while_the_device_is_opened(linux: PortAudio) -> None:
    asked: list[str | None] = []
    original = linux.module().InputStream

    def open_stream(**how: Any) -> object:
        asked.append(os.environ.get("PULSE_SOURCE"))
        return original(**how)

    sys.modules["sounddevice"].InputStream = open_stream  # type: ignore[attr-defined]
    stream = open_microphone("Desk", ignore)
    assert asked == ["alsa_input.usb-Desk.mono"]
    assert "PULSE_SOURCE" not in os.environ
    assert stream.alive


def test_a_stream_that_the_server_moved_elsewhere_is_not_alive(
    linux: PortAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = open_speaker("visavis", lambda count, ahead, dry: np.zeros(count, np.float32))
    assert stream.alive
    renumbered = server_devices("sinks", lambda *words: SINKS.replace("#7", "#8"))

    def listed(side: Side) -> Any:
        return renumbered

    monkeypatch.setattr(devices, "server_devices", listed)
    assert not stream.alive
    stream.close()
    stream.close()
    assert not linux.streams[0].active


def test_a_name_that_means_none_or_two_is_refused_with_what_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mac(monkeypatch)
    with pytest.raises(SoundError, match=r"there is no microphone 'Desk'.*MacBook Pro Microphone"):
        resolve("sources", "Desk")
    PortAudio(monkeypatch, ("USB Mic A", 1, 0), ("USB Mic B", 1, 0))
    with pytest.raises(SoundError, match="'usb' may be USB Mic A or USB Mic B"):
        resolve("sources", "usb")
    assert resolve("sources", "1").name == "USB Mic B"


def test_the_first_virtual_device_is_found_on_each_system(
    linux: PortAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert first_virtual("Desk") == "visavis"
    assert returned("visavis") == "visavis.monitor"
    with pytest.raises(SoundError, match="no virtual sound device"):
        first_virtual("visavis.monitor")
    mac(monkeypatch)
    assert first_virtual("MacBook Pro Microphone") == returned("BlackHole 2ch") == "BlackHole 2ch"
    cable = "CABLE Input (VB-Audio Virtual Cable)"
    PortAudio(monkeypatch, ("Speakers", 0, 2), (cable, 0, 2))
    assert first_virtual("Mic") == cable
    assert returned(cable) == "CABLE Output (VB-Audio Virtual Cable)"


def test_windows_is_reached_by_its_best_interface_which_may_convert(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    windows = PortAudio(monkeypatch, host="MME")
    windows.hosts = ["MME", "Windows WASAPI"]
    windows.devices = [("Microphone (USB", 1, 0, 0), ("Microphone (USB Audio)", 2, 0, 1)]
    assert resolve("sources", "Microphone").index == 1
    open_microphone("Microphone", ignore)
    assert windows.streams[0].how["extra_settings"] == {"auto_convert": True}


def test_a_stereo_microphone_that_cannot_be_asked_for_mono_is_mixed_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library = mac(monkeypatch)
    library.devices[0] = ("Interface", 2, 0, 0)
    library.refused[0, 1] = "Invalid number of channels"
    heard: list[tuple[Floats, int, bool]] = []

    def hear(samples: Floats, age: int, lost: bool) -> None:
        heard.append((samples, age, lost))

    open_microphone("Interface", hear)
    library.streams[0].hear(np.array([[0.2, 0.4]] * 480, np.float32), 99.99, 100.0, lost=True)
    ((samples, age, lost),) = heard
    assert samples.shape == (480,)
    assert samples[0] == pytest.approx(0.3)
    assert age == pytest.approx(10 * MS, abs=1)
    assert lost


def test_sound_goes_to_both_ears_and_time_that_makes_no_sense_is_not_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library = mac(monkeypatch)
    asked: list[tuple[int, int]] = []

    def fill(count: int, ahead: int, dry: bool) -> Floats:
        asked.append((count, ahead))
        return np.linspace(0, 1, count, dtype=np.float32)

    open_speaker("BlackHole", fill)
    block = library.streams[0].fill(480, 5.03, 5.0)
    assert (block[:, 0] == block[:, 1]).all()
    library.streams[0].fill(480, 0.0, 5.0)
    assert asked == [(480, pytest.approx(30 * MS, abs=1)), (480, 25 * MS)]
    ages: list[int] = []

    def hear(samples: Floats, age: int, lost: bool) -> None:
        ages.append(age)

    open_microphone("BlackHole", hear)
    for captured in (0.0, 5.012, 4.988):  # unknown, with the wrong sign, and right
        library.streams[1].hear(block[:, :1], captured, 5.0)
    assert ages == [25 * MS, pytest.approx(12 * MS, abs=1), pytest.approx(12 * MS, abs=1)]


def test_a_device_that_cannot_be_opened_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    mac(monkeypatch).refused[0, 1] = "Device unavailable"
    with pytest.raises(SoundError, match="MacBook Pro Microphone cannot be opened: Device unavail"):
        open_microphone("MacBook Pro Microphone", ignore)


def test_without_portaudio_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(NoPortAudioError, match="pip install sounddevice"):
        names("sources")


def test_without_a_sound_server_there_are_none_of_its_devices() -> None:
    assert server_devices("sinks", lambda *words: None) == []
    assert [d.virtual for d in server_devices("sinks", lambda *words: SINKS)] == [False, True]
    assert server_devices("sources", lambda *words: SOURCES)[1].monitors == "visavis"

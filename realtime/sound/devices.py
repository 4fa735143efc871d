"""Microphones and loudspeakers, real and virtual: the one file that knows PortAudio."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import numpy as np

from realtime.clock import MS
from realtime.sound.sound_server import Side, find, is_made_up, server_devices
from realtime.sound.tape import RATE
from realtime.types import Floats

BLOCK = RATE // 100
"""Samples in each block that a device asks for or gives."""

HEARD_S, PLAYED_S = 0.02, 0.04
"""What is asked of a device to hold; it takes what it needs."""

LONGEST_S = 1.0
"""A block that claims to be later than this does not know; then the stream's own claim counts."""

THROUGH = ("pulse", "pipewire", "default")
"""PortAudio's names for the sound server on Linux, the best first."""

Hear = Callable[[Floats, int, bool], None]
"""Takes mono samples [n], the age of the first in nanoseconds, and whether some got lost before."""

Fill = Callable[[int, int, bool], Floats]
"""Gives so many mono samples, the first heard in so many nanoseconds; learns of a gap before."""


class SoundError(Exception):
    """A sound device cannot be used; its text is a sentence for the user."""


class NoPortAudioError(SoundError):
    """The library that all sound devices are reached through is not there."""


class Stream(Protocol):
    """A sound device that is open."""

    @property
    def name(self) -> str:
        """What to call it before the user."""
        ...

    @property
    def alive(self) -> bool:
        """Whether it is still the device that was opened."""
        ...

    def close(self) -> None:
        """Let go of it; idempotent."""
        ...


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """A device, and how PortAudio is to be asked for it.

    Attributes:
        name: as the user names it.
        index: PortAudio's number.
        channels: how many it has.
        environment: what must be set while it is opened; how a sound server is told which.
        side: of the sound server that it belongs to; None elsewhere.
        number: its number there.
    """

    name: str
    index: int
    channels: int
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    side: Side | None = None
    number: int = -1


def names(side: Side) -> list[str]:
    """Return the names of all devices that record (sources) or play (sinks)."""
    own = [device.name for device in _own(side)]
    served = [d.name for d in server_devices(side)] if _through(side) else []
    return list(dict.fromkeys([*served, *own]))


def first_virtual(heard: str) -> str:
    """Return the first virtual device to play into that the microphone ``heard`` is not made of.

    Raises:
        SoundError: there is none.
    """
    for device in server_devices("sinks") if _through("sinks") else []:
        if device.virtual and f"{device.name}.monitor" != heard:
            return device.name
    for device in _own("sinks"):
        if is_made_up(device.name) and device.name != heard:
            return device.name
    raise SoundError("there is no virtual sound device")


def returned(played: str) -> str:
    """Return the microphone by which others hear what is played into the device ``played``."""
    if _through("sinks") and find(server_devices("sinks"), played) is not None:
        return f"{played}.monitor"
    return played.replace("CABLE Input", "CABLE Output").replace("Input", "Output")


def open_microphone(name: str, hear: Hear) -> Stream:
    """Open the microphone ``name`` ("default": the system's), and give ``hear`` what it hears.

    Raises:
        SoundError: it is not there, or cannot be opened.
    """
    device = resolve("sources", name)
    opened: list[_Opened] = []

    def heard(block: Any, count: int, time: Any, status: Any) -> None:
        samples = cast("Floats", block)
        claimed = opened[0].latency_s if opened else count / RATE
        # Sound is heard in the past; older PortAudios say the opposite on Windows.
        age = _sane(abs(time.currentTime - time.inputBufferAdcTime), claimed)
        hear(samples.mean(axis=1, dtype=np.float32), age, bool(status.input_overflow))

    opened.append(_open("InputStream", device, (1, device.channels), HEARD_S, heard))
    return opened[0]


def open_speaker(name: str, fill: Fill) -> Stream:
    """Open what plays, by ``name``, and ask ``fill`` for what is to be heard.

    Raises:
        SoundError: it is not there, or cannot be opened.
    """
    device = resolve("sinks", name)
    opened: list[_Opened] = []

    def filled(block: Any, count: int, time: Any, status: Any) -> None:
        claimed = opened[0].latency_s if opened else PLAYED_S
        ahead = _sane(time.outputBufferDacTime - time.currentTime, claimed)
        block[:] = fill(count, ahead, bool(status.output_underflow))[:, None]

    opened.append(_open("OutputStream", device, (min(2, device.channels), 1), PLAYED_S, filled))
    return opened[0]


def refresh() -> None:
    """Look for devices anew; only where no stream is open, because this would end it."""
    library = _library()
    with _lock:
        library._terminate()
        library._initialize()


def resolve(side: Side, name: str) -> SoundDevice:
    """Find the device that ``name`` means: its number, its name, or a part of only one's name.

    Raises:
        SoundError: none, or more than one, is meant.
    """
    own = _own(side)
    wanted = name.casefold()
    exact = [d for d in own if wanted in (str(d.index), d.name.casefold())]
    if exact:
        return exact[0]
    through = _through(side)
    served = find(server_devices(side), name) if through else None
    if served is not None and through is not None:
        return _served(side, through, served.name, served.number)
    alike = [d for d in own if wanted in d.name.casefold()]
    if len(alike) == 1:
        return alike[0]
    kind = "microphone" if side == "sources" else "sound device to play into"
    if alike:
        raise SoundError(f"{name!r} may be {' or '.join(d.name for d in alike)}: name one of them")
    listed = ", ".join(names(side)) or "none"
    raise SoundError(f"there is no {kind} {name!r} (there is: {listed})")


def _served(side: Side, through: SoundDevice, name: str, number: int) -> SoundDevice:
    variable = "PULSE_SOURCE" if side == "sources" else "PULSE_SINK"
    environment = {variable: name, "PIPEWIRE_NODE": name}
    return SoundDevice(name, through.index, through.channels, environment, side, number)


def _own(side: Side) -> list[SoundDevice]:
    """Return what PortAudio itself lists, on Windows that of its best interface."""
    library = _library()
    key = "max_input_channels" if side == "sources" else "max_output_channels"
    try:
        listed = [dict(device) for device in library.query_devices()]
        hosts = [str(host["name"]) for host in library.query_hostapis()]
    except library.PortAudioError as error:
        raise SoundError(f"PortAudio cannot list devices: {_told(error)}") from error
    best = hosts.index("Windows WASAPI") if "Windows WASAPI" in hosts else None
    return [
        SoundDevice(str(device["name"]), index, int(device[key]))
        for index, device in enumerate(listed)
        if device[key] > 0 and best in (None, device["hostapi"])
    ]


def _through(side: Side) -> SoundDevice | None:
    """Return the device by which PortAudio reaches the sound server, where there is one."""
    if not sys.platform.startswith("linux"):
        return None
    own = {device.name: device for device in _own(side)}
    return next((own[name] for name in THROUGH if name in own), None)


class _Opened:
    """A stream of sounddevice, alive as long as its callback comes and its device is the same."""

    def __init__(self, stream: Any, device: SoundDevice) -> None:
        self.name = device.name
        self.latency_s = float(stream.latency)
        self._device = device
        self._stream = stream

    @property
    def alive(self) -> bool:
        """Whether it is still the device that was opened.

        A sound server moves the stream of a device that goes away to another: to the loudspeakers,
        say, which are no place for a microphone.
        """
        if self._stream is None or not self._stream.active:
            return False
        if self._device.side is None:
            return True
        there = server_devices(self._device.side)
        same = (d for d in there if d.name == self._device.name)
        return any(d.number == self._device.number for d in same)

    def close(self) -> None:
        """Let go of it; idempotent."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()


def _open(
    kind: str, device: SoundDevice, channels: Sequence[int], latency: float, callback: object
) -> _Opened:
    library = _library()
    reasons: list[str] = []
    for count in dict.fromkeys(channels):
        try:
            with _environment(device.environment):
                stream = getattr(library, kind)(
                    device=device.index,
                    channels=count,
                    samplerate=RATE,
                    dtype="float32",
                    blocksize=BLOCK,
                    latency=latency,
                    extra_settings=_extra(library, device),
                    callback=callback,
                )
                stream.start()
        except library.PortAudioError as error:  # noqa: PERF203 - twice at most
            reasons.append(_told(error))
        else:
            return _Opened(stream, device)
    raise SoundError(f"{device.name} cannot be opened: {reasons[-1]}")


def _extra(library: Any, device: SoundDevice) -> object:
    """Let Windows convert the rate, which WASAPI else refuses to."""
    host = library.query_hostapis(library.query_devices(device.index)["hostapi"])["name"]
    return library.WasapiSettings(auto_convert=True) if host == "Windows WASAPI" else None


def _sane(seconds: float, otherwise: float) -> int:
    return round((seconds if 0 <= seconds < LONGEST_S else otherwise) * 1000 * MS)


def _told(error: Exception) -> str:
    """Return PortAudio's reason; what it says of permissions differs by system."""
    said = str(error.args[0] if error.args else error)
    host = error.args[2][2] if len(error.args) > 2 else ""
    return f"{said} ({host})" if host else said


_lock = threading.RLock()


@contextmanager
def _environment(values: Mapping[str, str]) -> Generator[None]:
    """Set what ALSA's way to the sound server reads when a device is opened; one at a time."""
    with _lock:
        before = {name: os.environ.get(name) for name in values}
        os.environ.update(values)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


def _library() -> Any:
    try:
        import sounddevice
    except ImportError as error:
        raise NoPortAudioError("sound needs a package: pip install sounddevice") from error
    except OSError as error:
        mend = "sudo apt-get install libportaudio2" if sys.platform == "linux" else "PortAudio"
        raise NoPortAudioError(f"sound needs PortAudio: {mend} ({error})") from error
    return sounddevice

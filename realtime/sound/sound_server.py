"""What PulseAudio, or PipeWire in its place, has: PortAudio sees such a server as one device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from realtime.machine import output_of

Ask = Callable[..., str | None]
Side = Literal["sources", "sinks"]

NULL = ("module-null-sink", "null-audio-sink", "module-remap")
"""What tells a device that is made of nothing but software, on PulseAudio and on PipeWire."""

MADE_UP = ("blackhole", "cable input", "voicemeeter input", "soundflower", "loopback audio")
"""What virtual sound devices to play into are called on macOS and Windows."""


@dataclass(frozen=True, slots=True)
class ServerDevice:
    """A source or sink of the sound server.

    Attributes:
        number: the server's; a device that went away and came back has another.
        name: by which it is asked for.
        description: by which other programs list it.
        monitors: name of the sink whose sound this source gives; "" for others.
        virtual: no hardware is behind it.
    """

    number: int
    name: str
    description: str
    monitors: str = ""
    virtual: bool = False


def server_devices(side: Side, ask: Ask = output_of) -> list[ServerDevice]:
    """Return the server's devices; none where there is no server, or no ``pactl`` to ask it."""
    said = ask("env", "LC_ALL=C", "pactl", "list", side) or ""
    blocks = said.replace("\nSink #", "\0").replace("\nSource #", "\0").split("\0")
    return [device for block in blocks if (device := _device(block)) is not None]


def find(devices: list[ServerDevice], name: str) -> ServerDevice | None:
    """Return the device that ``name`` means: by name, by description, by a part of only one."""
    wanted = name.casefold()
    for device in devices:
        if wanted in (device.name.casefold(), device.description.casefold()):
            return device
    alike = [d for d in devices if wanted in f"{d.name}\n{d.description}".casefold()]
    return alike[0] if len(alike) == 1 else None


def is_made_up(name: str) -> bool:
    """Tell whether a device of macOS or Windows is a virtual one to play into, by its name."""
    return any(word in name.casefold() for word in MADE_UP)


def _device(block: str) -> ServerDevice | None:
    lines = [line.strip() for line in block.splitlines()]
    number = lines[0].rpartition("#")[2] if lines else ""
    values = dict(line.split(": ", 1) for line in lines if ": " in line)
    if not number.isdigit() or "Name" not in values:
        return None
    monitors = values.get("Monitor of Sink", "n/a")
    return ServerDevice(
        int(number),
        values["Name"],
        values.get("Description", values["Name"]),
        "" if monitors == "n/a" else monitors,
        any(word in block for word in NULL),
    )

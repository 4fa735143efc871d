"""Sound devices that do nothing by themselves: a test calls what the driver would."""

from __future__ import annotations

from typing import Generic, TypeVar

from realtime.sound.devices import SoundError

T = TypeVar("T")


class Device(Generic[T]):
    """Stands for a device that can be opened, unplugged and plugged in again.

    Attributes:
        callback: what was given to the stream that was opened last.
        there: whether it is plugged in.
        opened: how often it was opened.
        closed: how often a stream of it was closed.
    """

    def __init__(self) -> None:
        self.callback: T | None = None
        self.there = True
        self.opened = self.closed = 0

    def open(self, name: str, callback: T) -> Opened[T]:
        """Take the place of ``open_microphone`` or ``open_speaker``."""
        if not self.there:
            raise SoundError(f"there is no device {name!r}")
        self.opened += 1
        self.callback = callback
        return Opened(self, name)

    @property
    def call(self) -> T:
        """The callback, as the driver would use it."""
        assert self.callback is not None
        return self.callback


class Opened(Generic[T]):
    """A stream of such a device."""

    def __init__(self, device: Device[T], name: str) -> None:
        self.name = name
        self._device = device

    @property
    def alive(self) -> bool:
        """Whether its device is plugged in."""
        return self._device.there

    def close(self) -> None:
        """Count it."""
        self._device.closed += 1

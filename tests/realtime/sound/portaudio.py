"""A stand-in for sounddevice: devices of any system, whose callbacks a test calls."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from realtime.types import Floats


class PortAudioError(Exception):
    """As sounddevice raises it."""


class PortAudio:
    """Takes the place of the module.

    Attributes:
        devices: (name, inputs, outputs, host) of each.
        streams: those that were opened.
        refused: why a device cannot be opened, by its number and how many channels were asked for.
        looked: how often devices were looked for anew.
    """

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, *devices: tuple[str, int, int], host: str = "ALSA"
    ) -> None:
        self.devices = [(*device, 0) for device in devices]
        self.hosts = [host]
        self.streams: list[Stream] = []
        self.refused: dict[tuple[int, int], str] = {}
        self.looked = 0
        monkeypatch.setitem(sys.modules, "sounddevice", self.module())

    def module(self) -> Any:
        """Return what ``import sounddevice`` gives."""
        return SimpleNamespace(
            query_devices=self._devices,
            query_hostapis=self._hosts,
            InputStream=self._record,
            OutputStream=self._play,
            PortAudioError=PortAudioError,
            WasapiSettings=dict,
            _terminate=lambda: None,
            _initialize=self._look,
        )

    def _look(self) -> None:
        self.looked += 1

    def _devices(self, index: int | None = None) -> Any:
        listed = [
            {"name": n, "max_input_channels": i, "max_output_channels": o, "hostapi": host}
            for n, i, o, host in self.devices
        ]
        return listed if index is None else listed[index]

    def _hosts(self, index: int | None = None) -> Any:
        listed = [{"name": host} for host in self.hosts]
        return listed if index is None else listed[index]

    def _record(self, **how: Any) -> Stream:
        return self._open(how, inward=True)

    def _play(self, **how: Any) -> Stream:
        return self._open(how, inward=False)

    def _open(self, how: dict[str, Any], *, inward: bool) -> Stream:
        reason = self.refused.get((how["device"], how["channels"]))
        if reason is not None:
            raise PortAudioError(reason)
        self.streams.append(Stream(how, inward=inward))
        return self.streams[-1]


class Stream:
    """A stream of it."""

    def __init__(self, how: dict[str, Any], *, inward: bool) -> None:
        self.how = how
        self.latency = 0.025
        self.inward = inward
        self.active = False

    def start(self) -> None:
        """Begin."""
        self.active = True

    def close(self) -> None:
        """End."""
        self.active = False

    def hear(self, block: Floats, adc: float, now: float, *, lost: bool = False) -> None:
        """Give [n, channels] samples to whoever records."""
        time = SimpleNamespace(inputBufferAdcTime=adc, currentTime=now)
        self.how["callback"](block, len(block), time, SimpleNamespace(input_overflow=lost))

    def fill(self, count: int, dac: float, now: float) -> Floats:
        """Ask for [count, channels] samples."""
        block = np.full((count, self.how["channels"]), np.nan, np.float32)
        time = SimpleNamespace(outputBufferDacTime=dac, currentTime=now)
        callback: Callable[..., None] = self.how["callback"]
        callback(block, count, time, SimpleNamespace(output_underflow=False))
        return block

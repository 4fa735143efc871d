"""A virtual camera that exists only here, behind pyvirtualcam's own path down to the device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import pyvirtualcam
import pyvirtualcam.camera

from realtime.types import Pixels

I420, RGB = (
    pyvirtualcam.camera.encode_fourcc(layout.value)
    for layout in (pyvirtualcam.PixelFormat.I420, pyvirtualcam.PixelFormat.RGB)
)


class Devices:
    """Takes the place of every back-end of pyvirtualcam.

    Attributes:
        layouts: the FourCCs that it takes.
        shown: every picture that arrived, flat.
        opened: how each device was opened.
        closed: how many were closed.
        on_send: called after each picture.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.layouts = {I420, RGB}
        self.shown: list[Pixels] = []
        self.opened: list[dict[str, Any]] = []
        self.closed = 0
        self.on_send: Callable[[], None] = lambda: None
        devices = self

        class Backend:
            def __init__(self, **how: Any) -> None:
                if how["fourcc"] not in devices.layouts:
                    raise RuntimeError("layout not taken")
                if how["device"] not in (None, "/dev/fake", "/dev/other"):
                    raise RuntimeError(f"{how['device']} is not a virtual camera")
                devices.opened.append(how)
                self._device = how["device"] or "/dev/fake"

            def close(self) -> None:
                devices.closed += 1

            def send(self, frame: Pixels) -> None:
                devices.shown.append(frame.copy())
                devices.on_send()

            def device(self) -> str:
                return self._device

            def native_fourcc(self) -> None:
                return None

        monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})
        pyvirtualcam.register_backend("fake", Backend)

    def luma(self, width: int, height: int) -> list[Pixels]:
        """Return the first plane of every picture."""
        return [flat[: width * height].reshape(height, width) for flat in self.shown]


def planes_in(flat: Pixels, width: int, height: int) -> tuple[Pixels, Pixels, Pixels]:
    """Take an I420 picture apart."""
    luma, u, v = np.split(flat, [width * height, width * height * 5 // 4])
    half = (height // 2, width // 2)
    return luma.reshape(height, width), u.reshape(half), v.reshape(half)

"""The camera that other programs can pick: filtered frames into a device made by pyvirtualcam."""

from __future__ import annotations

from typing import Protocol, cast

import numpy as np

from realtime.picture import scaled, to_rgb
from realtime.types import Filtered, Frame, Pixels


class NoVirtualCameraError(Exception):
    """No virtual camera could be opened.

    Attributes:
        reasons: why not, by each back-end that was tried.
    """

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__("no virtual camera can be opened: " + "; ".join(reasons))
        self.reasons = reasons


class Output(Protocol):
    """What pyvirtualcam opens."""

    @property
    def device(self) -> str:
        """Its name, as other programs list it."""
        ...

    def send(self, frame: Pixels) -> None:
        """Show a picture."""
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...


class VirtualCamera:
    """Shows every frame at once, fitted to the size that the device was opened with.

    Attributes:
        device_name: the device, as other programs list it.
        sent: frames shown so far.
    """

    def __init__(self, output: Output, width: int, height: int, *, planar: bool) -> None:
        self._output: Output | None = output
        self._size = (width, height)
        self._planar = planar
        self.device_name = output.device
        self.sent = 0

    def send(self, filtered: Filtered) -> None:
        """Show one frame."""
        if self._output is None:
            return
        fitted = scaled(filtered.frame, *self._size)
        self._output.send(packed(fitted) if self._planar else to_rgb(fitted))
        self.sent += 1

    def close(self) -> None:
        """Let go of the device; idempotent."""
        output, self._output = self._output, None
        if output is not None:
            output.close()


def open_virtual_camera(width: int, height: int, fps: float, device: str | None) -> VirtualCamera:
    """Open ``device``, or the first virtual camera there is.

    Planar pictures are passed on as they are; where a back-end takes none, it gets RGB.

    Args:
        width: columns, even.
        height: rows, even.
        fps: frames a second to announce.
        device: its name; None takes any.

    Raises:
        NoVirtualCameraError: there is none, or another program has it.
        ImportError: pyvirtualcam is not installed.
    """
    import pyvirtualcam

    reasons: list[str] = []
    for layout in (pyvirtualcam.PixelFormat.I420, pyvirtualcam.PixelFormat.RGB):
        try:
            camera = pyvirtualcam.Camera(width, height, fps, fmt=layout, device=device)
        except (RuntimeError, OSError, ValueError) as error:  # noqa: PERF203 - twice at most
            reasons += [line for line in str(error).splitlines() if line not in reasons]
        else:
            planar = layout is pyvirtualcam.PixelFormat.I420
            return VirtualCamera(cast("Output", camera), width, height, planar=planar)
    raise NoVirtualCameraError(tuple(reasons))


def packed(frame: Frame) -> Pixels:
    """Return the planes of a yuv420p frame one after another, as [W*H*3/2]."""
    return np.concatenate([plane.ravel() for plane in frame.planes])

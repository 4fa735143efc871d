"""A camera as a source: its newest frame, its real rate, and patience while it is unplugged."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

from realtime.box import Closed, Latest
from realtime.clock import Clock
from realtime.session import SourceError
from realtime.sources.rate import RateMeter
from realtime.types import Frame

logger = logging.getLogger(__name__)

BACKOFF_S = (0.25, 0.5, 1.0, 2.0)
"""Pauses between attempts to find a camera again; the last one is repeated."""


class CameraError(SourceError):
    """No camera could be opened; its text is a sentence for the user."""


class Device(Protocol):
    """A camera that is open."""

    @property
    def name(self) -> str:
        """What to call it before the user."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its frames."""
        ...

    def frames(self) -> Iterator[Frame]:
        """Yield frames with the time of their capture; ends or raises when the camera goes away."""
        ...

    def close(self) -> None:
        """Let go of it; idempotent; only called where ``frames`` is not running."""
        ...


class CameraSource:
    """Yields the newest frame of a camera, and looks for the camera again when it goes away.

    The device is read on a thread of its own, because a driver that hangs must not keep
    ``close`` waiting. ``open_device`` raises CameraError while there is no camera.

    Attributes:
        device_name: the camera in use.
        size: width and height of its frames when it was first opened.
        losses: how often the camera went away.
    """

    def __init__(
        self,
        open_device: Callable[[], Device],
        clock: Clock,
        backoff_s: tuple[float, ...] = BACKOFF_S,
    ) -> None:
        self._open_device = open_device
        self._clock = clock
        self._backoff_s = backoff_s
        self._stop = threading.Event()
        self._box: Latest[Frame] = Latest()
        self._rate = RateMeter()
        self._device = open_device()
        self._thread = threading.Thread(target=self._pump, name="camera", daemon=True)
        self.device_name = self._device.name
        self.size = self._device.size
        self.losses = 0
        self._seq = 0

    @property
    def rate(self) -> float:
        """Frames a second that came of late."""
        return self._rate.at(self._clock.now())

    @property
    def dropped(self) -> int:
        """Frames that nobody took in time."""
        return self._box.dropped

    def frames(self) -> Iterator[Frame]:
        """Yield the newest frame, again and again, until closed."""
        self._thread.start()
        while True:
            try:
                frame = self._box.get()
            except Closed as end:
                if end.__cause__ is not None:
                    raise SourceError(str(end.__cause__)) from end.__cause__
                return
            yield frame

    def close(self) -> None:
        """Stop at once; the device is let go after the frame that it is busy with; idempotent."""
        self._stop.set()
        self._box.close()
        if self._thread.ident is None:
            self._device.close()

    def _pump(self) -> None:
        try:
            while not self._stop.is_set():
                reason = self._drain()
                self._device.close()
                if not self._stop.is_set():
                    self.losses += 1
                    logger.warning("camera %s went away (%s); waiting", self.device_name, reason)
                    self._find_again()
        except Closed:
            self._device.close()
        except Exception as error:  # noqa: BLE001 - the edge of a thread; ``frames`` raises it again
            self._device.close()
            self._box.close(error)

    def _drain(self) -> str:
        """Pass frames on until the camera goes away; return why it did."""
        try:
            for frame in self._device.frames():
                if self._stop.is_set():
                    break
                self._rate.note(self._clock.now())
                self._box.put(replace(frame, seq=self._seq))
                self._seq += 1
        except (OSError, ValueError) as error:  # PyAV's errors are one or the other
            return getattr(error, "strerror", None) or str(error)
        return "no more frames"

    def _find_again(self) -> None:
        attempt = 0
        while not self._stop.wait(self._backoff_s[min(attempt, len(self._backoff_s) - 1)]):
            attempt += 1
            try:
                self._device = self._open_device()
            except CameraError as error:
                logger.debug("still no camera: %s", error)
                continue
            self.device_name = self._device.name
            logger.warning("camera %s is back", self.device_name)
            return

"""Opening cameras: v4l2, avfoundation and dshow through PyAV, or a film in a camera's place."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError, InvalidDataError
from av.video.stream import VideoStream

from realtime.clock import SECOND, Clock
from realtime.config import CameraSettings
from realtime.health import State, cameras
from realtime.picture import from_av
from realtime.session import SourceError
from realtime.sources.camera import CameraError, Device
from realtime.sources.file import FileSource
from realtime.types import Frame

PULSE_S = 0.002
"""Pause before asking a camera again that had nothing yet; avfoundation never waits by itself."""
LATE = SECOND // 2
"""How far a film's own time may part from the clock before it is set anew."""
DRAWN = "lavfi:"
"""What a picture that FFmpeg itself draws begins with, as in lavfi:testsrc=size=640x480:rate=30."""

Pause = Callable[[float], object]
Opener = Callable[[str, str, dict[str, str]], InputContainer]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to ask for a camera.

    Attributes:
        format: FFmpeg's name of the system that has it.
        file: the camera's name there.
        options: what is asked of it.
    """

    format: str
    file: str
    options: dict[str, str] = field(default_factory=dict[str, str])


def attempts(settings: CameraSettings, system: str = sys.platform) -> list[Attempt]:
    """Return the ways to ask for the camera in ``settings``, the best first.

    Raises:
        CameraError: nobody knows how cameras are opened on ``system``.
    """
    size = {"video_size": f"{settings.width}x{settings.height}"}
    rate = {"framerate": f"{settings.fps:g}"}
    device = settings.device or "0"
    if system.startswith("linux"):
        # Without MJPEG, most cameras on USB 2 give 1280x720 at 10 frames a second or less.
        mjpeg = {"input_format": "mjpeg"}
        asked = ({**mjpeg, **size, **rate}, {**size, **rate}, size, dict[str, str]())
        file = f"/dev/video{device}" if device.isdigit() else device
        return [Attempt("v4l2", file, options) for options in asked]
    if system == "darwin":
        asked = ({**size, **rate}, {**size, "framerate": "30"}, rate, {"framerate": "30"})
        return [Attempt("avfoundation", f"{device}:none", o) for o in asked]
    if system == "win32":
        buffer = {"rtbufsize": "64M"}
        asked = ({**size, **rate, **buffer}, {**size, **buffer}, buffer)
        return [Attempt("dshow", f"video={device}", o) for o in asked]
    raise CameraError(f"cameras cannot be opened on {system}; --camera takes a video file too")


def first_camera() -> str:
    """Return the first camera that is not a virtual one, which may well be our own.

    Raises:
        CameraError: there is none.
    """
    for finding in cameras():
        if finding.area == "cameras" and finding.state is State.OK:
            return finding.name
    raise CameraError("there is no camera; plug one in, or name a video file with --camera")


def open_camera(settings: CameraSettings, clock: Clock, pause: Pause) -> Device:
    """Open what ``settings`` name: a camera, a video file, a URL, or ``lavfi:`` and a drawing.

    Args:
        settings: which, and what to ask of it.
        clock: the session's; frames are stamped with it.
        pause: waits so many seconds, or less when the session ends.

    Raises:
        CameraError: it cannot be opened.
    """
    name = settings.device or first_camera()
    settings = replace(settings, device=name)
    if name.startswith(DRAWN):
        container = _opened(Attempt("lavfi", name.removeprefix(DRAWN)), _open)
        return Webcam(container, name, clock, pause, paced=True)
    if "://" in name:
        return Webcam(_opened(Attempt("", name), _open), name, clock, pause)
    if Path(name).is_file():
        return Film(Path(name), clock, pause)
    return open_webcam(attempts(settings), clock, pause)


def open_webcam(
    ways: list[Attempt], clock: Clock, pause: Pause, opener: Opener | None = None
) -> Device:
    """Try ``ways`` one after another.

    Raises:
        CameraError: none of them works; says why the last did not.
    """
    failures: list[CameraError] = []
    for way in ways:
        with _collected(failures):
            return Webcam(_opened(way, opener or _open), way.file, clock, pause)
    raise failures[-1] if failures else CameraError("there is no way to open a camera")


class Webcam:
    """A device, or a stream, that FFmpeg reads."""

    def __init__(
        self,
        container: InputContainer,
        name: str,
        clock: Clock,
        pause: Pause,
        *,
        paced: bool = False,
    ) -> None:
        self.name = name
        self._container = container
        self._clock = clock
        self._pause = pause
        self._paced = paced
        self._stream = _video_of(container, name)
        # Decoding frames side by side would hold back as many of them as there are threads.
        self._stream.thread_type = "NONE"
        self._stream.codec_context.thread_count = 1

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its frames."""
        return self._stream.width, self._stream.height

    def frames(self) -> Iterator[Frame]:
        """Yield frames as they come."""
        pacer = Pacer(self._clock, self._pause)
        for seq, picture in enumerate(self._pictures()):
            now = self._clock.now()
            taken = now if self._paced else taken_at(picture, now)
            frame = from_av(picture, taken, seq)
            if self._paced:
                frame = pacer.hold(frame, int(frame.pts * frame.time_base * SECOND))
            yield frame

    def close(self) -> None:
        """Let go of it; idempotent."""
        self._container.close()

    def _pictures(self) -> Iterator[av.VideoFrame]:
        ended = False
        while not ended:
            with suppress(BlockingIOError):
                for packet in self._container.demux(self._stream):
                    with suppress(InvalidDataError):  # half a picture: the next is whole
                        yield from packet.decode()
                ended = True
            if not ended:
                self._pause(PULSE_S)


class Film:
    """A video file that plays for ever, at its own pace, as if it were a camera."""

    def __init__(self, path: Path, clock: Clock, pause: Pause) -> None:
        self.name = str(path)
        self._path = path
        self._clock = clock
        self._pause = pause
        try:
            self._source = FileSource(path)
            first = next(iter(self._source.frames()))
        except SourceError as error:
            raise CameraError(str(error)) from error
        self.size = (first.width, first.height)
        self._source.close()

    def frames(self) -> Iterator[Frame]:
        """Yield its frames when they are due, from the start again after the last."""
        pacer = Pacer(self._clock, self._pause)
        while True:
            with FileSource(self._path) as self._source:
                for frame in self._source.frames():
                    yield pacer.hold(frame, frame.captured)
            pacer.restart()

    def close(self) -> None:
        """Let go of it; idempotent."""
        self._source.close()


class Pacer:
    """Holds each frame back until it is due, counted from the first."""

    def __init__(self, clock: Clock, pause: Pause) -> None:
        self._clock = clock
        self._pause = pause
        self._start: int | None = None

    def restart(self) -> None:
        """Count anew from the next frame."""
        self._start = None

    def hold(self, frame: Frame, at: int) -> Frame:
        """Return ``frame``, taken now, when ``at`` nanoseconds of the film have passed."""
        now = self._clock.now()
        if self._start is None or abs(self._start + at - now) > LATE:
            self._start = now - at
        if self._start + at > now:
            self._pause((self._start + at - now) / SECOND)
        return replace(frame, captured=self._clock.now())


def taken_at(picture: av.VideoFrame, now: int) -> int:
    """Return when ``picture`` was taken: its own stamp where that is on our clock, else now.

    Linux stamps frames with the monotonic clock as they are filmed, before transfer and decoding.
    """
    if picture.pts is None or not picture.time_base:
        return now
    stamp = int(picture.pts * picture.time_base * SECOND)
    return stamp if 0 <= now - stamp < SECOND else now


@contextmanager
def _collected(failures: list[CameraError]) -> Generator[None]:
    try:
        yield
    except CameraError as error:
        failures.append(error)


def _open(file: str, format_name: str, options: dict[str, str]) -> InputContainer:
    return av.open(file, mode="r", format=format_name or None, options=options, timeout=(10, 10))


def _opened(way: Attempt, opener: Opener) -> InputContainer:
    try:
        return opener(way.file, way.format, way.options)
    except (FFmpegError, OSError, ValueError) as error:
        raise CameraError(f"camera {way.file}: {_why(error)}") from error


def _why(error: Exception) -> str:
    number = getattr(error, "errno", None)
    known = {
        errno.ENOENT: "there is no such device",
        errno.ENODEV: "there is no such device",
        errno.ENXIO: "there is no such device",
        errno.EACCES: "permission denied (sudo usermod -aG video $USER, then log in again)",
        errno.EPERM: "permission denied",
        errno.EBUSY: "another program uses it",
    }
    return known.get(number or 0) or f"cannot be opened ({getattr(error, 'strerror', '') or error})"


def _video_of(container: InputContainer, name: str) -> VideoStream:
    if not container.streams.video:
        container.close()
        raise CameraError(f"camera {name}: it gives no picture")
    return container.streams.video[0]

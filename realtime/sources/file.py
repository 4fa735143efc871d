"""A video file as a source: every picture, upright, in its own layout, with its time stamp."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
from av.container import InputContainer
from av.error import FFmpegError, InvalidDataError
from av.stream import Stream
from av.video.format import VideoFormat
from av.video.stream import VideoStream

from realtime.clock import SECOND
from realtime.picture import from_av
from realtime.session import SourceError
from realtime.sources.timeline import Timeline
from realtime.sources.upright import Turn, turn_of, upright
from realtime.types import Frame

if TYPE_CHECKING:
    VideoPacket = av.Packet[VideoStream]

UNSPECIFIED = 2
"""How the standards number a colour tag that nobody set."""
USUAL_RATE = Fraction(30)
HIGHEST_RATE = 480
BROADCAST = ("mpegts", "mpeg")
"""Containers whose time stamps begin anywhere."""
MISSING_END = Fraction(1)
"""Seconds by which a Matroska file may stop before its header says, as some writers round up."""


class UnreadableFileError(SourceError):
    """The file cannot be turned into pictures.

    Attributes:
        path: the file.
        reason: why, as the end of a sentence.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Colour:
    """What the numbers of a picture mean: the file's tags, as ITU-T H.273 numbers them.

    Attributes:
        primaries: which red, green and blue; 2 is "not said".
        transfer: how numbers become light; 2 is "not said".
        matrix: how luma and chroma were made of RGB; 2 is "not said".
        range: 1 is luma in 16..235, 2 is 0..255, 0 is "not said".
    """

    primaries: int = UNSPECIFIED
    transfer: int = UNSPECIFIED
    matrix: int = UNSPECIFIED
    range: int = 0


@dataclass(frozen=True, slots=True)
class Clip:
    """What is known of a video file before its pictures are decoded.

    Attributes:
        path: the file.
        time_base: unit of its pictures' time stamps, in seconds.
        rate: pictures a second, on average; a guess where the file does not say.
        frames: how many pictures to expect; an estimate, 0 when there is no telling.
        size: width and height of its pictures as they are stored.
        colour: its colour tags.
        aspect: width of a stored pixel over its height, before the picture is set upright.
        origin: seconds of its time stamps at its start; only broadcast streams begin at any hour,
            and players start them at 0. Elsewhere it is 0, whenever the first picture comes.
        sounds: how many sound tracks it has.
        others: how many subtitle and data tracks it has.
    """

    path: Path
    time_base: Fraction
    rate: Fraction
    frames: int
    size: tuple[int, int]
    colour: Colour
    aspect: Fraction
    origin: Fraction
    sounds: int
    others: int


class FileSource:
    """Decodes a video file. ``captured`` of each frame is its time in the clip, from 0.

    Pictures whose data is damaged are concealed or skipped, as players do, and counted; a file
    that stops before its end is an error, since it would give a shorter clip without a word.

    Attributes:
        clip: what the header says.
        decoded: pictures yielded so far.
        damaged: pictures that could not be decoded whole, so far.
        resized: pictures of another size or layout than the first, scaled to it, so far.
        layout: the layout that the file stores, by FFmpeg's name; "" before the first picture.
        last_duration: of the last picture decoded, in units of the time base; 0 when not said.
        turn: how the last picture was set upright.
    """

    def __init__(self, path: Path) -> None:
        self._container = _open(path)
        self._busy = threading.Lock()
        self._closed = False
        try:
            self._stream = _video_stream(self._container, path)
            self.clip = _describe(self._container, self._stream, path)
        except BaseException:
            self._container.close()
            raise
        self._stream.thread_type = "AUTO"
        self.decoded = self.damaged = self.resized = 0
        self.layout = ""
        self.last_duration = 0
        self.turn = Turn()
        self._packets = 0
        self._end = Fraction(0)
        self._cut = False
        self._timeline = Timeline(jump=round(1 / self.clip.time_base))
        self._first: int | None = None
        self._last: int | None = None

    def __enter__(self) -> FileSource:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def frames(self) -> Iterator[Frame]:
        """Yield every picture in the order in which they are shown.

        Raises:
            UnreadableFileError: nothing in it can be decoded, or it stops before its end.
        """
        first: Frame | None = None
        for seq, picture in enumerate(self._pictures()):
            pts = self._stamp(picture)
            self._first = pts if self._first is None else self._first
            picture.pts, picture.time_base = pts, self.clip.time_base
            captured = _nanoseconds(pts - self._first, self.clip.time_base)
            frame = self._like(first, picture, captured, seq)
            first = first or frame
            self.decoded += 1
            yield frame
        if self._closed:
            return
        if first is None:
            raise UnreadableFileError(self.clip.path, "no picture in it can be decoded")
        if self._is_cut_short():
            raise UnreadableFileError(self.clip.path, "the file is cut off before its end")

    @property
    def restamped(self) -> int:
        """Pictures that had to be given another time stamp, so far."""
        return self._timeline.mended

    @property
    def duration_s(self) -> float:
        """Seconds from the first picture so far to the end of the last."""
        if self._first is None or self._last is None:
            return 0.0
        return float((self._last - self._first + self.last_duration) * self.clip.time_base)

    def close(self) -> None:
        """Stop; ends ``frames`` after the picture in hand; idempotent."""
        self._closed = True
        with self._busy:
            self._container.close()

    def _pictures(self) -> Iterator[av.VideoFrame]:
        packets = self._container.demux()  # of every track: all count for where the file ends
        while True:
            with self._busy:
                if self._closed:
                    return
                try:
                    packet = next(packets)
                except StopIteration:
                    return
                except FFmpegError as error:
                    raise UnreadableFileError(self.clip.path, _why(error)) from error
                self._note(packet)
                mine = packet.stream_index == self._stream.index
                pictures = self._decode(cast("VideoPacket", packet)) if mine else []
            yield from pictures

    def _decode(self, packet: VideoPacket) -> list[av.VideoFrame]:
        try:
            pictures = packet.decode()
        except (FFmpegError, EOFError):
            self.damaged += 1
            return []
        self.damaged += sum(picture.is_corrupt for picture in pictures)
        return pictures

    def _note(self, packet: av.Packet[Stream]) -> None:
        """Keep what tells later whether the file was whole."""
        if not packet.size:
            return
        self._packets += packet.stream_index == self._stream.index
        self._cut = packet.is_corrupt
        if packet.pts is not None:
            end = (packet.pts + (packet.duration or 0)) * packet.time_base
            self._end = max(self._end, end)

    def _stamp(self, picture: av.VideoFrame) -> int:
        """Return the picture's time stamp, one that is later than the last picture's."""
        step = max(1, round(1 / (self.clip.rate * self.clip.time_base)))
        pts = picture.pts
        if pts is not None:
            pts -= round(self.clip.origin / self.clip.time_base)
        self._last = self._timeline.place(pts, step)
        self.last_duration = picture.duration or 0
        return self._last

    def _like(self, first: Frame | None, picture: av.VideoFrame, captured: int, seq: int) -> Frame:
        """Return ``picture`` upright, and of the size and layout that ``first`` has."""
        self.layout = self.layout or picture.format.name
        self.turn = turn_of(picture)
        frame = upright(from_av(picture, captured, seq), self.turn)
        if first is None or _shape(frame) == _shape(first):
            return frame
        self.resized += 1
        sideways = self.turn.transpose
        size = (first.height, first.width) if sideways else (first.width, first.height)
        scaled = picture.reformat(*size, format=first.format, threads=1)
        scaled.pts, scaled.time_base = picture.pts, picture.time_base
        return upright(from_av(scaled, captured, seq), self.turn)

    def _is_cut_short(self) -> bool:
        """Tell whether the container promised more than it held.

        MP4 and AVI list every packet. Matroska says how long it is, unless it was written live.
        A transport stream or a raw one may end anywhere.
        """
        name = self._container.format.name
        if self._cut:
            return True
        if "mp4" in name:
            return self._packets < len(self._stream.index_entries)
        if name == "avi":
            return self._packets < self._stream.frames
        if "matroska" in name and self._container.duration:
            start = Fraction(self._container.start_time or 0, av.time_base)
            promised = start + Fraction(self._container.duration, av.time_base)
            return self._end + MISSING_END < promised
        return False


def _open(path: Path) -> InputContainer:
    if path.is_dir():
        raise UnreadableFileError(path, "is a folder, not a video or a photograph")
    try:
        if path.is_file() and path.stat().st_size == 0:
            raise UnreadableFileError(path, "is empty")
        return av.open(str(path), mode="r", metadata_errors="replace")
    except (FFmpegError, OSError) as error:
        raise UnreadableFileError(path, _why(error)) from error


def _why(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, PermissionError):
        return "may not be read (permission denied)"
    if isinstance(error, InvalidDataError):
        return "is not a video or a photograph, or it is damaged"
    return f"cannot be read ({getattr(error, 'strerror', None) or error})"


def _video_stream(container: InputContainer, path: Path) -> VideoStream:
    """Return the main picture track; the cover of a song is none."""
    moving = [s for s in container.streams.video if not s.disposition & s.disposition.attached_pic]
    if not moving:
        raise UnreadableFileError(path, "has no picture in it, only sound or data")
    best = container.streams.best("video")
    stream = best if isinstance(best, VideoStream) and best in moving else moving[0]
    if not getattr(stream, "codec_context", None):
        raise UnreadableFileError(path, "its video codec is not supported")
    return stream


def _describe(container: InputContainer, stream: VideoStream, path: Path) -> Clip:
    rate = stream.average_rate or stream.guessed_rate or USUAL_RATE
    if rate > HIGHEST_RATE:  # of a recording made by a browser: its clock's, not its pictures'
        rate = USUAL_RATE
    seconds = 0.0
    if stream.duration and stream.time_base:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration:
        seconds = container.duration / av.time_base
    counts = [count for count in (stream.frames, round(seconds * rate)) if count]
    context = stream.codec_context
    sounds, others = len(container.streams.audio), 0
    for other in container.streams:
        others += other.type in ("subtitle", "data")
    return Clip(
        path=path,
        time_base=stream.time_base or Fraction(1, 90_000),
        rate=rate,
        frames=min(counts, default=0),
        size=(stream.width, stream.height),
        colour=Colour(
            context.color_primaries, context.color_trc, context.colorspace, context.color_range
        ),
        aspect=stream.sample_aspect_ratio or Fraction(1),
        origin=_origin(container),
        sounds=sounds,
        others=others,
    )


def _origin(container: InputContainer) -> Fraction:
    if container.format.name not in BROADCAST:
        return Fraction(0)
    return Fraction(container.start_time or 0, av.time_base)


def depth_of(layout: str) -> int:
    """Return the most bits a sample of FFmpeg's ``layout`` has."""
    return max((part.bits for part in VideoFormat(layout).components), default=8)


def _shape(frame: Frame) -> tuple[int, int, str]:
    return frame.width, frame.height, frame.format


def _nanoseconds(ticks: int, time_base: Fraction) -> int:
    return ticks * time_base.numerator * SECOND // time_base.denominator

"""A video file as a sink: H.264, VP9 or lossless FFV1 by its ending, whole or absent."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import numpy as np
from av.codec.context import Flags
from av.container import OutputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from realtime.picture import convert, to_av
from realtime.sinks.preroll import write_delays
from realtime.sinks.sound import SoundRules, Soundtrack
from realtime.sources.file import Clip, Colour
from realtime.types import Filtered, Frame

BT601 = 6
"""The matrix by which RGB becomes YUV here, as H.273 numbers it."""
LEAD = Fraction(1, 2)
"""How far the sound is written ahead of the picture, in seconds."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one kind of file is made.

    Attributes:
        codec: the encoder of the picture.
        options: its settings.
        layout: the layout it stores; "same" is the one that comes.
        even: width and height must be even.
        sound: what becomes of the sound.
        container: settings of the container.
    """

    codec: Literal["libx264", "libvpx-vp9", "ffv1"]
    options: dict[str, str]
    layout: Literal["yuv420p", "same"]
    even: bool
    sound: SoundRules
    container: dict[str, str]


RECIPES: dict[str, Recipe] = {
    # Settings by measurement on two cores at 1280x720: veryfast 7 ms a picture, medium 21 ms for a
    # tenth of the file; VP9 at its live speed 9 ms, at "good" 50 to 80 ms for a quarter of it.
    ".mp4": Recipe(
        codec="libx264",
        # No pictures out of order: then each packet's time is its picture's, also for players that
        # skip edit lists, and the last picture keeps how long it is shown.
        options={"preset": "veryfast", "crf": "16", "bf": "0"},
        layout="yuv420p",
        even=True,
        sound=SoundRules(
            carried=frozenset(("aac", "mp3", "mp2", "ac3", "eac3", "opus", "flac", "alac")),
            codec="aac",
            bit_rate=192_000,
            flac=True,
        ),
        container={"movflags": "+faststart"},
    ),
    ".webm": Recipe(
        codec="libvpx-vp9",
        options={"deadline": "realtime", "cpu-used": "6", "crf": "20", "b": "0", "row-mt": "1"},
        layout="yuv420p",
        even=False,
        sound=SoundRules(frozenset(("opus", "vorbis")), codec="libopus", bit_rate=160_000),
        container={"avoid_negative_ts": "disabled"},
    ),
    ".mkv": Recipe(
        codec="ffv1",
        options={"level": "3", "slicecrc": "1"},
        layout="same",
        even=False,
        sound=SoundRules(None, codec="flac", bit_rate=0, delays=True),
        # No checksum of the header, which is written to once more; the pictures have their own.
        container={"avoid_negative_ts": "disabled", "write_crc32": "0"},
    ),
}
"""The kinds of video file that can be written, by their ending."""

NOT_KEPT = ("major_brand", "minor_version", "compatible_brands", "encoder", "comment", "duration")
"""Words of the old container that say nothing about the new one."""


class UnwritableFileError(Exception):
    """The new file cannot be made.

    Attributes:
        path: the file.
        reason: why, as the end of a sentence.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class FileSink:
    """Writes filtered frames beside the sound of the clip they came from.

    All goes to a nameless neighbour of the file, which takes its place in ``finish``; whatever
    ends the work before, ``close`` leaves nothing behind.

    Attributes:
        sent: pictures written so far.
        notes: what is not as it was in the clip, in words.
        sound: what became of each sound track, in words.
    """

    def __init__(self, path: Path, clip: Clip, mark: str = "") -> None:
        if path.suffix.lower() not in RECIPES:
            raise UnwritableFileError(path, f"its ending is none of {', '.join(RECIPES)}")
        self._path = path.resolve()
        self._recipe = RECIPES[path.suffix.lower()]
        self._clip = clip
        self._mark = mark
        self._temporary = _reserve(self._path)
        self._out: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._soundtrack: Soundtrack | None = None
        self._held: av.VideoFrame | None = None
        self.sent = 0
        self.notes: list[str] = []
        self.sound: list[str] = []

    def __enter__(self) -> FileSink:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def send(self, filtered: Filtered) -> None:
        """Encode one frame.

        Raises:
            UnwritableFileError: the disk is full, or the encoder refuses the picture.
        """
        try:
            if self._out is None:
                self._begin(filtered.frame)
            picture = to_av(self._prepared(filtered.frame))
            if self._held is not None:
                self._held.duration = (picture.pts or 0) - (self._held.pts or 0)
                self._encode(self._held)
            self._held = picture
        except (FFmpegError, OSError) as error:
            raise UnwritableFileError(self._path, reason_of(error)) from error
        self.sent += 1

    def finish(self, last_duration: int = 0) -> None:
        """Write what is still held, close the file and give it its name.

        Args:
            last_duration: how long the last picture is shown, in units of the clip's time base.

        Raises:
            UnwritableFileError: the disk is full, or what was written is not what was sent.
        """
        try:
            if self._held is not None:
                self._held.duration = last_duration
                self._encode(self._held)
                self._held = None
            if self._out is not None and self._stream is not None:
                self._out.mux(self._stream.encode(None))
                if self._soundtrack is not None:
                    self._soundtrack.finish()
                self._out.close()
                if self._soundtrack is not None and self._soundtrack.delays:
                    write_delays(self._temporary, self._soundtrack.delays)
            self._check()
            os.replace(self._temporary, self._path)
        except (FFmpegError, OSError) as error:
            raise UnwritableFileError(self._path, reason_of(error)) from error

    def close(self) -> None:
        """Let go of everything; without ``finish``, nothing remains; idempotent."""
        if self._soundtrack is not None:
            self._soundtrack.close()
        if self._out is not None:
            out, self._out = self._out, None
            with suppress(FFmpegError, OSError):  # the file is about to be removed anyway
                out.close()
        self._temporary.unlink(missing_ok=True)

    def _begin(self, first: Frame) -> None:
        """Open the file: all its tracks must be known before the first packet."""
        options = dict(self._recipe.container)
        if self._path.suffix.lower() == ".mp4":
            ticks = _timescale(self._clip.time_base)
            options["video_track_timescale"] = str(ticks)
            # A track that starts late is noted in units of the whole film: 1 ms unless told.
            options["movie_timescale"] = str(ticks * -(-1000 // ticks))
        self._out = av.open(str(self._temporary), mode="w", container_options=options)
        self._keep_words(self._out)
        self._stream = self._add_picture(self._out, self._prepared(first), first)
        if self._clip.sounds:
            self._soundtrack = Soundtrack(
                self._clip.path, self._out, self._recipe.sound, self._clip.origin
            )
            self.sound = self._soundtrack.notes

    def _add_picture(self, out: OutputContainer, picture: Frame, first: Frame) -> VideoStream:
        options = dict(self._recipe.options)
        if self._recipe.codec == "ffv1" and not (picture.width % 2 or picture.height % 2):
            options["slices"] = "4"  # for two cores; the encoder refuses it for some odd sizes
        stream = out.add_stream(self._recipe.codec, rate=self._clip.rate, options=options)
        stream.width, stream.height = picture.width, picture.height
        stream.pix_fmt = "bgr0" if picture.format == "rgb24" else picture.format
        stream.time_base = self._clip.time_base
        context = stream.codec_context
        context.time_base = self._clip.time_base
        turned = self._clip.size == (first.height, first.width) != (first.width, first.height)
        context.sample_aspect_ratio = 1 / self._clip.aspect if turned else self._clip.aspect
        if self._clip.aspect != 1 and self._path.suffix.lower() != ".mp4":
            # Matroska's writer asks the stream for it, and PyAV cannot tell the stream.
            self.notes.append(
                f"its pixels are not square ({self._clip.aspect.numerator}:"
                f"{self._clip.aspect.denominator}), which of the endings only .mp4 can say"
            )
        context.flags |= Flags.frame_duration
        colour = _colour_of(picture, first, self._clip.colour)
        context.color_primaries, context.color_trc = colour.primaries, colour.transfer
        context.colorspace, context.color_range = colour.matrix, colour.range
        if (picture.width, picture.height) != (first.width, first.height):
            self.notes.append(
                f"H.264 holds even sizes: {first.width}x{first.height} has its last row or column "
                f"twice, as {picture.width}x{picture.height}"
            )
        return stream

    def _keep_words(self, out: OutputContainer) -> None:
        """Take over title, place, chapters; add the mark that says what was done."""
        with closing(av.open(str(self._clip.path), mode="r", metadata_errors="replace")) as old:
            kept = {k: v for k, v in old.metadata.items() if k.lower() not in NOT_KEPT}
            comment = old.metadata.get("comment", "")
            chapters = old.chapters()
        out.metadata.update(kept)
        if words := f"{self._mark}\n{comment}".strip():
            out.metadata["comment"] = words
        if chapters:
            out.set_chapters(chapters)

    def _prepared(self, frame: Frame) -> Frame:
        """Return the frame in the layout and size that the file stores."""
        if self._recipe.layout != "same":
            full = frame.full_range and frame.format != "rgb24"
            frame = convert(frame, self._recipe.layout, full_range=full)
        if self._recipe.even and (frame.width % 2 or frame.height % 2):
            luma, *chroma = frame.planes
            even = np.pad(luma, ((0, frame.height % 2), (0, frame.width % 2)), mode="edge")
            frame = frame.with_planes((even, *chroma))
        return frame

    def _encode(self, picture: av.VideoFrame) -> None:
        assert self._out is not None
        assert self._stream is not None
        if picture.format.name == "rgb24":
            picture = _as_bgr0(picture)
        self._out.mux(self._stream.encode(picture))
        if self._soundtrack is not None:
            now = (picture.pts or 0) * self._clip.time_base
            self._soundtrack.write_until(now + LEAD)

    def _check(self) -> None:
        """Refuse to hand over a file that a full disk or a slip of ours left short."""
        with closing(av.open(str(self._temporary), mode="r")) as made:
            stream = made.streams.video[0]
            if stream.frames not in (0, self.sent):
                raise OSError(errno.EIO, f"holds {stream.frames} of {self.sent} pictures")


def _reserve(path: Path) -> Path:
    """Create a file that nobody else has, in the folder of ``path``, and return its name."""
    if path.is_dir():
        raise UnwritableFileError(path, "is a folder")
    temporary = path.with_name(f".visavis-{secrets.token_hex(4)}{path.suffix}")
    try:
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except FileNotFoundError as error:
        raise UnwritableFileError(path, f"there is no folder {path.parent}") from error
    except OSError as error:
        raise UnwritableFileError(path, reason_of(error)) from error
    return temporary


def _colour_of(picture: Frame, first: Frame, colour: Colour) -> Colour:
    """Return the tags for ``picture``, which was made of ``first``."""
    if picture.format == "rgb24":
        return replace(colour, matrix=0, range=0)
    if first.format == "rgb24":
        return replace(colour, matrix=BT601, range=1)
    return replace(colour, range=2 if picture.full_range else colour.range % 2)


def _timescale(time_base: Fraction) -> int:
    """Return the ticks a second of an MP4 track that can hold every time stamp exactly."""
    return time_base.denominator if time_base.denominator < 2**31 else 90_000


def _as_bgr0(picture: av.VideoFrame) -> av.VideoFrame:
    """Return the layout in which FFV1 keeps RGB; the same numbers, moved."""
    moved = picture.reformat(format="bgr0", threads=1)
    moved.pts, moved.time_base, moved.duration = picture.pts, picture.time_base, picture.duration
    return moved


def reason_of(error: Exception) -> str:
    """Return why a file cannot be written, as the end of a sentence."""
    number = getattr(error, "errno", None)
    if number == errno.ENOSPC:
        return "the disk is full"
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "may not be written (permission denied)"
    return f"cannot be written ({getattr(error, 'strerror', None) or error})"

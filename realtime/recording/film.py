"""One MP4 while it grows: H.264 and AAC in pieces, so that it plays whatever ends it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.error import FFmpegError
from av.video.stream import VideoStream

from realtime.picture import scaled, to_av
from realtime.recording.file import GuardedFile
from realtime.recording.soundline import SoundLine
from realtime.sound.tape import RATE
from realtime.types import Floats, Frame

TICKS = 90_000
"""Units of a second in which a picture's time is kept."""

PIECE = 60
"""Pictures from one key picture to the next: what a crash can cost at most."""

EARLY = 500
"""Blocks of sound that wait for the first picture; what is older becomes silence."""

# By measurement at 1280x720 on one core: ultrafast 4 ms a picture, superfast 6 ms, Motion JPEG 3 ms
# for five times the bytes. One thread, because the call needs the other cores more.
PICTURE = {"preset": "ultrafast", "tune": "zerolatency", "crf": "23", "threads": "1"}

CONTAINER = {"movflags": "+hybrid_fragmented+frag_keyframe+delay_moov"}
"""In pieces until it is closed, a plain MP4 from then on. The header waits for the first piece, so
that it can say by how much AAC begins before its first sample; else all would be 21 ms late."""


class Film:
    """Writes pictures and sound, both stamped by their capture; the first picture sets the size.

    All calls come from one thread. Any may raise OSError or FFmpegError; then ``close`` keeps what
    is there.
    """

    def __init__(self, path: Path, *, sound: bool, words: Mapping[str, str]) -> None:
        self.path = path
        self._file = GuardedFile(path)
        self._out = av.open(self._file, mode="w", format="mp4", container_options=CONTAINER)
        self._out.metadata.update(words)
        self._picture: VideoStream | None = None
        self._sound: AudioStream | None = None
        self._has_sound = sound
        self._line = SoundLine()
        self._early: deque[tuple[Floats, int]] = deque(maxlen=EARLY)
        self._last = -1
        self._closed = False

    @property
    def written(self) -> int:
        """Bytes so far."""
        return self._file.written

    def picture(self, frame: Frame, at: int) -> None:
        """Append a picture captured ``at`` nanoseconds after the start."""
        pts = round(at * TICKS / 1e9)
        if at < 0 or pts <= self._last:
            return
        stream = self._picture or self._begin(frame)
        fitted = to_av(scaled(frame, stream.width, stream.height))
        # The first is shown from the very start: not every player waits for a late first picture.
        for stamp in (0, pts) if self._last < 0 < pts else (pts,):
            fitted.pts, fitted.time_base = stamp, Fraction(1, TICKS)
            self._out.mux(stream.encode(fitted))
        self._last = pts

    def sound(self, block: Floats, at: int) -> None:
        """Append sound whose first sample was captured ``at`` nanoseconds after the start."""
        if not self._has_sound:
            return
        if self._sound is None:
            self._early.append((block, at))
            return
        begin = self._line.position
        placed = self._line.place(block, at)
        if len(placed):
            frame = av.AudioFrame.from_ndarray(placed[None, :], format="flt", layout="mono")
            frame.sample_rate = RATE
            frame.pts, frame.time_base = begin, Fraction(1, RATE)
            self._out.mux(self._sound.encode(frame))

    def close(self) -> None:
        """Finish the file as far as that is possible; without a picture none is left; idempotent.

        Raises:
            OSError: the disk is full.
        """
        if self._closed:
            return
        self._closed = True
        try:
            if not self._file.broken and self._picture is not None:
                self._out.mux(self._picture.encode(None))
                if self._sound is not None:
                    self._out.mux(self._sound.encode(None))
        finally:
            self._let_go()

    def _let_go(self) -> None:
        started = self._picture is not None
        broken = self._file.broken = self._file.broken or not started
        try:
            self._out.close()
        except (FFmpegError, OSError):
            if not broken:
                raise
        finally:
            self._file.close()
            if not started:
                self.path.unlink(missing_ok=True)

    def _begin(self, first: Frame) -> VideoStream:
        stream = self._out.add_stream("libx264", rate=30, options=PICTURE)
        stream.width, stream.height = (
            max(2, side // 2 * 2) for side in (first.width, first.height)
        )
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, TICKS)
        stream.codec_context.gop_size = PIECE
        self._picture = stream
        if self._has_sound:
            self._sound = self._out.add_stream("aac", rate=RATE)
            self._sound.codec_context.layout = "mono"
            self._sound.bit_rate = 96_000
            while self._early:
                self.sound(*self._early.popleft())
        return stream

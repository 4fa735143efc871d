"""Encoders that follow a target without starting anew: a new start is a coarse key frame.

aiortc's own open a new encoder whenever the target moves by a tenth. x264 changes its rate in
mid-stream if it was opened with a constant one; at its "superfast" preset it takes half of the time
that VP8 does for the same quality (``visavis bench codec``), so it is preferred where offered.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import Any, cast

import av
import av.error
from aiortc.codecs.base import Encoder
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from av.frame import Frame
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from realtime.clock import MS, Clock
from realtime.server.bitrate import FPS, HIGHEST, Bitrate, Size

logger = logging.getLogger(__name__)

CEILING = HIGHEST
"""Bits a second that x264 is opened with: it can be turned down from there and up again."""

BUFFER = CEILING // 10
"""Bits by which x264 may be ahead of its rate: a tenth of a second at the ceiling, a key frame."""

NVIDIA = "h264_nvenc"
SOFTWARE = "libx264"

OPTIONS = {
    # Measured on the portrait with a sensor's noise: without adaptive quantisation and without
    # parts of macroblocks a picture takes a fifth less time and comes out 1 dB nearer, whatever
    # its rate and size.
    SOFTWARE: {"preset": "superfast", "tune": "zerolatency",
               "x264-params": "aq-mode=0:partitions=none"},
    NVIDIA: {"preset": "p3", "tune": "ull", "rc": "cbr", "zerolatency": "1", "delay": "0",
             "forced-idr": "1"},
}  # fmt: skip

PROFILES = {SOFTWARE: "Baseline", NVIDIA: "Baseline"}
LARGE = 1280 * 720
"""Pixels above which x264 may share a picture among cores."""


RICH = 0.2
"""Bits a pixel and picture beyond which nothing is seen of them: 640x480 takes 1.8 Mbit/s. Each
packet more costs this machine, the network and the other side."""

MODEST = 800_000
"""Bits a second that a picture may have however small it is."""


def enough(width: int, height: int) -> int:
    """Return the bits a second at 30 pictures that are all that a picture of this size needs."""
    return min(CEILING, max(MODEST, round(RICH * FPS * width * height)))


class Pace:
    """The rate at which pictures come, by their time stamps; encoders believe it is always 30."""

    def __init__(self) -> None:
        self._last: float | None = None
        self.fps = FPS

    def tick(self, frame: Frame) -> None:
        """Take in a picture's time stamp."""
        if frame.pts is None or frame.time_base is None:
            return
        unit = frame.time_base
        at = frame.pts * unit.numerator / unit.denominator
        if self._last is not None and 0 < at - self._last < 1:
            self.fps += 0.05 * (min(120.0, 1 / (at - self._last)) - self.fps)
        self._last = at


class Shrinking:
    """Makes each picture as large as the target allows, and its sides even."""

    def __init__(self, rate: Bitrate, clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._size = Size()

    def __call__(self, frame: Frame) -> av.VideoFrame:
        """Return the picture in I420."""
        assert isinstance(frame, av.VideoFrame)
        target = self._rate.target
        self._size = self._size.after(target, frame.width, frame.height, self._clock.now())
        width, height = self._size.of(frame.width, frame.height)
        if (frame.width, frame.height, frame.format.name) == (width, height, "yuv420p"):
            return frame
        # PyAV keeps the time stamp.
        return frame.reformat(width, height, "yuv420p", interpolation="FAST_BILINEAR")


class FollowingH264(H264Encoder):
    """H.264 at the rate and size that the connection carries."""

    def __init__(self, rate: Bitrate, clock: Clock) -> None:
        super().__init__()
        self._rate = rate
        self._fit = Shrinking(rate, clock)
        self._pace = Pace()

    @property
    def target_bitrate(self) -> int:
        """Bits a second."""
        return self._rate.target

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self._rate.estimate(bitrate)  # aiortc hands the receiver's estimate in here

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """Return the packets of ``frame`` and its time."""
        self._pace.tick(frame)
        return super().encode(self._fit(frame), force_keyframe)

    def _encode_frame(self, frame: av.VideoFrame, force_keyframe: bool) -> Iterator[bytes]:
        codec = self.codec
        if codec is None or (codec.width, codec.height) != (frame.width, frame.height):
            codec = self.codec = open_h264(best_h264(), frame.width, frame.height)
        target = round(self._rate.target * FPS / max(1.0, self._pace.fps))
        codec.bit_rate = min(enough(frame.width, frame.height), target)
        frame.pict_type = PictureType.I if force_keyframe else PictureType.NONE
        return self._split_bitstream(encoded(codec, frame))


class FollowingVp8(Vp8Encoder):
    """VP8 for whoever has no H.264. It cannot change its rate in mid-stream, so it rarely does."""

    def __init__(self, rate: Bitrate, clock: Clock) -> None:
        super().__init__()
        self._rate = rate
        self._fit = Shrinking(rate, clock)
        self._clock = clock
        self._steady = rate.target
        self._changed = clock.now()

    @property
    def target_bitrate(self) -> int:
        """Bits a second, in steps that are worth a key frame."""
        wanted, now = self._rate.target, self._clock.now()
        if worth_a_key_frame(self._steady, wanted, now - self._changed):
            self._steady, self._changed = wanted, now
        return self._steady

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self._rate.estimate(bitrate)

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """Return the packets of ``frame`` and its time."""
        fitted = self._fit(frame)
        fitted.pict_type = PictureType.NONE
        return super().encode(fitted, force_keyframe)


def worth_a_key_frame(steady: int, wanted: int, since: int) -> bool:
    """Tell whether to start anew: soon when it is too much, patiently when it could be more."""
    if wanted < 0.75 * steady:
        return since > 500 * MS
    return wanted > 1.5 * steady and since > 10_000 * MS


def encoded(codec: VideoCodecContext, frame: av.VideoFrame) -> bytes:
    """Return ``frame`` as the encoder's bytes."""
    return b"".join(bytes(packet) for packet in cast("list[Any]", codec.encode(frame)))


def new_encoder(name: str, rate: Bitrate, clock: Clock) -> Encoder | None:
    """Return an encoder for the codec ``name``; None where aiortc's own has to do."""
    match name.upper():
        case "H264":
            return FollowingH264(rate, clock)
        case "VP8":
            return FollowingVp8(rate, clock)
        case _:
            return None


def open_h264(name: str, width: int, height: int) -> VideoCodecContext:
    """Return an open encoder at the ceiling.

    Raises:
        av.error.FFmpegError: it is not to be had here.
    """
    codec = av.CodecContext.create(name, "w")
    assert isinstance(codec, VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.framerate, codec.time_base = Fraction(30), Fraction(1, 90_000)
    codec.gop_size = 3000  # a key frame where one is asked for, and else as good as never
    codec.bit_rate = CEILING
    # A rate that is its own maximum makes x264 a constant-rate encoder, which alone can be turned.
    codec.options = OPTIONS[name] | {"maxrate": str(CEILING), "bufsize": str(BUFFER)}
    codec.profile = PROFILES[name]
    codec.thread_count = 2 if width * height > LARGE and (os.cpu_count() or 1) >= 4 else 1
    codec.open()
    return codec


@cache
def best_h264() -> str:
    """Return the encoder to use: NVIDIA's where it works, asked once."""
    try:
        codec = open_h264(NVIDIA, 640, 480)
        probe = av.VideoFrame(640, 480, "yuv420p")
        probe.pts, probe.time_base = 0, codec.time_base
        codec.encode(probe)
    except (av.error.FFmpegError, ValueError) as error:
        logger.info("pictures are encoded on the processor: %s", error)
        return SOFTWARE
    return NVIDIA

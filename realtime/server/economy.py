"""Where aiortc spends more than it has to: loops over samples, dates, a second channel, threads."""

from __future__ import annotations

import math
import time

import av
import numpy as np
from aiortc import clock, codecs, rtp
from aiortc.codecs.h264 import H264Decoder
from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Decoder
from av.frame import Frame

from realtime.clock import MS, SECOND

FULL = 32_767
QUIETEST = -127
"""Decibels to full scale, which stand for silence (RFC 6465)."""

EPOCH = 2_208_988_800 * SECOND
"""From 1900, where NTP begins, to 1970, nanoseconds."""


def be_frugal() -> None:
    """Let every connection made from now on go the cheaper ways; a second call does nothing."""
    rtp.compute_audio_level_dbov = audio_level
    clock.current_ntp_time = ntp_time
    clock.current_ms = milliseconds
    # What makes coders looks for them by these names.
    codecs.H264Decoder = SingleH264  # type: ignore[misc]
    codecs.Vp8Decoder = SingleVp8  # type: ignore[misc]
    codecs.OpusEncoder = MonoOpus  # type: ignore[misc]


def ntp_time() -> int:
    """Return NTP's 32.32 seconds of now; aiortc makes a date of it first, twice for each packet."""
    return (time.time_ns() + EPOCH << 32) // SECOND


def milliseconds() -> int:
    """Return milliseconds since 1900."""
    return (time.time_ns() + EPOCH) // MS


def audio_level(frame: av.AudioFrame) -> int:
    """Return how loud 16-bit samples are, in decibels to full scale, -127 to 0 (RFC 6465, A).

    aiortc takes 0.1 ms for each 20 ms of sound, and the interpreter with it.
    """
    samples = np.frombuffer(memoryview(frame.planes[0]), np.int16).astype(np.float32)
    power = float(np.dot(samples, samples)) / (max(1, len(samples)) * FULL * FULL)
    if power <= 0:
        return QUIETEST
    return round(min(0.0, max(float(QUIETEST), 10 * math.log10(power))))


def _alone(decoder: H264Decoder | Vp8Decoder) -> None:
    """Let ``decoder`` do its work itself: pictures of a call come in one piece.

    A second thread would only be woken for each.
    """
    decoder.codec.thread_count = 1


class SingleH264(H264Decoder):
    """H.264 on one thread."""

    def __init__(self) -> None:
        super().__init__()
        _alone(self)


class SingleVp8(Vp8Decoder):
    """VP8 on one thread."""

    def __init__(self) -> None:
        super().__init__()
        _alone(self)


class MonoOpus(OpusEncoder):
    """Codes one channel where there is one; whoever asked for two hears it on both.

    aiortc makes two of it first, which cost half as much again to code.
    """

    def __init__(self) -> None:
        super().__init__()
        self._mono: bool | None = None

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """Return the packets of a block of 20 ms and its time."""
        assert isinstance(frame, av.AudioFrame)
        if self._mono is None:
            self._mono = frame.layout.name == "mono"
            if self._mono:
                self.codec.layout = "mono"
                self.resampler = av.AudioResampler(
                    format="s16", layout="mono", rate=frame.sample_rate, frame_size=frame.samples
                )
        return super().encode(frame, force_keyframe)

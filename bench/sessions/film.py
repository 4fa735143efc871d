"""What callers send, encoded beforehand: the moving portrait with numbers in it, and a voice."""

from __future__ import annotations

import tempfile
import wave
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, cast

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from bench.call import counter
from bench.call.webcam import RATE, write_speech
from bench.portrait import moving
from realtime.picture import to_av
from realtime.types import Pixels

FPS = 30
KEY_EVERY = 60
"""Pictures from one key frame to the next: who lost something stands still until then."""

BITRATE = 1_500_000
"""Bits a second, about what a browser sends of this size."""

BLOCK = 960
"""Samples in a packet of sound: 20 ms."""

Codec = Literal["H264", "VP8"]

LIBRARIES: dict[Codec, tuple[str, dict[str, str]]] = {
    "H264": ("libx264", {"preset": "veryfast", "tune": "zerolatency", "profile": "baseline"}),
    "VP8": ("libvpx", {"deadline": "realtime", "cpu-used": "4", "lag-in-frames": "0"}),
}


@dataclass(frozen=True, slots=True)
class Film:
    """A stretch of a call that can be sent round and round.

    Attributes:
        codec: of the pictures.
        pictures: one packet each, the first of them a key frame; numbered from 0.
        corners: of each picture, the light of the corner in which the badge would be.
        sounds: Opus, 20 ms each.
    """

    codec: Codec
    pictures: tuple[bytes, ...]
    corners: tuple[Pixels, ...]
    sounds: tuple[bytes, ...]


def encode(codec: Codec, width: int, height: int, count: int) -> Film:
    """Film the portrait: ``count`` pictures that lead back to the first."""
    coder = _picture_coder(codec, width, height)
    packets: list[bytes] = []
    corners: list[Pixels] = []
    for number, frame in enumerate(moving(width, height, count, FPS)):
        luma = frame.planes[0].copy()
        counter.draw(luma, number)
        picture = to_av(frame.with_planes((luma, *frame.planes[1:])))
        picture.pts, picture.time_base = number, Fraction(1, FPS)
        key = number % KEY_EVERY == 0
        picture.pict_type = PictureType.I if key else PictureType.NONE
        corners.append(corner(luma).copy())
        packets += [bytes(packet) for packet in cast("list[Any]", coder.encode(picture))]
    packets += [bytes(packet) for packet in cast("list[Any]", coder.encode(None))]
    return Film(codec, tuple(packets), tuple(corners), _speech())


def corner(luma: Pixels) -> Pixels:
    """Return the part of a picture's light in which the badge is shown: bottom right."""
    height, width = luma.shape
    return luma[-height // 8 :, -width // 5 :]


def _picture_coder(codec: Codec, width: int, height: int) -> VideoCodecContext:
    name, options = LIBRARIES[codec]
    coder = av.CodecContext.create(name, "w")
    assert isinstance(coder, VideoCodecContext)
    coder.width, coder.height, coder.pix_fmt = width, height, "yuv420p"
    coder.framerate, coder.time_base = Fraction(FPS), Fraction(1, FPS)
    coder.bit_rate, coder.gop_size = BITRATE, KEY_EVERY
    coder.options = options
    return coder


def _speech() -> tuple[bytes, ...]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "speech.wav")
        write_speech(path)
        with wave.open(str(path)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    coder = av.CodecContext.create("libopus", "w")
    assert isinstance(coder, AudioCodecContext)
    coder.sample_rate, coder.layout, coder.format = RATE, "stereo", "s16"
    coder.bit_rate = 48_000
    packets: list[bytes] = []
    for start in range(0, len(samples) - BLOCK + 1, BLOCK):
        both = np.repeat(samples[start : start + BLOCK], 2)
        block = av.AudioFrame.from_ndarray(both[None, :], "s16", "stereo")
        block.sample_rate, block.pts, block.time_base = RATE, start, Fraction(1, RATE)
        packets += [bytes(packet) for packet in cast("list[Any]", coder.encode(block))]
    return tuple(packets)

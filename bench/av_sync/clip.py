"""A clip whose flashes and beeps begin together, at irregular moments that tell which is which.

The marks lie 0.7 to 1.3 s apart and no two gaps of a round are the same, so a flash and a beep that
belong together are found even where one came a second late. A beep's first sample falls on the
moment at which its flash's first picture is taken: sample ``picture * 1600``.
"""

from __future__ import annotations

import wave
from collections.abc import Iterable, Iterator
from contextlib import closing
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from bench.call.webcam import write_camera
from bench.portrait import again, moving
from realtime.clock import MS
from realtime.picture import to_av
from realtime.types import Frame, Pixels

FPS = 30
RATE = 48_000
HERTZ = 1000

GAPS = (31, 23, 37, 27, 21, 35, 29, 39, 25, 33)
"""Pictures from one mark to the next; all differ, so that none can be taken for another."""

ROUND = sum(GAPS)
"""Pictures until the clip begins again: 10 s."""

LIT = 4
"""Pictures that a flash lasts: one may be lost on the way and it is still seen."""

BEEP_MS = 80
DARK, BRIGHT = 16, 235

Samples = NDArray[np.int16]

_FIRST = 15
_MARKS = tuple(accumulate(GAPS[:-1], initial=_FIRST))


def marks(seconds: float) -> list[int]:
    """Return when the flashes and beeps of the first ``seconds`` begin, nanoseconds."""
    return [number * 1000 * MS // FPS for number in _marked(seconds)]


def is_lit(number: int) -> bool:
    """Tell whether picture ``number`` shows a flash."""
    return any(0 <= number % ROUND - mark < LIT for mark in _MARKS)


def patch(luma: Pixels) -> Pixels:
    """Return the part of ``luma`` that flashes: at the left edge, away from any face or badge."""
    height, width = luma.shape
    return luma[height * 3 // 8 : height * 5 // 8, : width // 8]


def light(frame: Frame, number: int) -> Frame:
    """Return ``frame`` with its patch dark, or bright where picture ``number`` shows a flash."""
    luma = frame.planes[0].copy()
    patch(luma)[:] = BRIGHT if is_lit(number) else DARK
    chroma = [plane.copy() for plane in frame.planes[1:]]
    for plane in chroma:
        patch(plane)[:] = 128
    return frame.with_planes((luma, *chroma))


def pictures(width: int, height: int, seconds: float) -> Iterator[Frame]:
    """Yield the clip's pictures: the moving portrait with the patch beside it."""
    portraits = moving(width, height, ROUND)
    for number in range(round(seconds * FPS)):
        yield light(again(portraits[number % ROUND], number, FPS), number)


def sound(seconds: float) -> Samples:
    """Return [samples] at 48 kHz, mono: silence but for the beeps."""
    samples = np.zeros(round(seconds * RATE), np.int16)
    tone = _beep()
    for number in _marked(seconds):
        start = number * RATE // FPS
        stretch = samples[start : start + len(tone)]
        stretch[:] = tone[: len(stretch)]
    return samples


def write_fake_devices(camera: Path, microphone: Path, width: int = 640, height: int = 480) -> None:
    """Write one round as Chromium's fake camera and microphone want it.

    Chromium plays each round and round from a start of its own: its camera and its microphone are
    *not* together, and the difference has to be measured in the page.
    """
    seconds = ROUND / FPS
    write_camera(camera, pictures(width, height, seconds))
    write_microphone(microphone, sound(seconds))


def write_microphone(path: Path, samples: Samples) -> None:
    """Write ``samples`` as a WAV."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def write_film(path: Path, width: int, height: int, seconds: float) -> None:
    """Write the clip as a film; ``.mkv`` holds it without delay: MJPEG and plain samples."""
    with closing(av.open(str(path), mode="w")) as file:
        video = file.add_stream("mjpeg", rate=FPS, options={"qscale": "3"})
        audio = file.add_stream("pcm_s16le", rate=RATE, layout="mono")
        video.width, video.height, video.pix_fmt = width, height, "yuvj420p"
        for block in _blocks(sound(seconds)):
            file.mux(audio.encode(block))
        for picture in _numbered(pictures(width, height, seconds)):
            file.mux(video.encode(picture))
        for stream in (audio, video):
            file.mux(stream.encode(None))


def _marked(seconds: float) -> list[int]:
    return [number for number in range(round(seconds * FPS)) if number % ROUND in _MARKS]


def _numbered(frames: Iterable[Frame]) -> Iterator[av.VideoFrame]:
    for number, frame in enumerate(frames):
        picture = to_av(frame).reformat(format="yuvj420p")
        picture.pts, picture.time_base = number, Fraction(1, FPS)
        yield picture


def _blocks(samples: Samples, size: int = 960) -> Iterator[av.AudioFrame]:
    for start in range(0, len(samples), size):
        part = samples[None, start : start + size]
        block = av.AudioFrame.from_ndarray(part, "s16", "mono")
        block.sample_rate, block.pts, block.time_base = RATE, start, Fraction(1, RATE)
        yield block


def _beep() -> Samples:
    """Return one beep: at full strength from its first wave on, and a soft end."""
    t = np.arange(BEEP_MS * RATE // 1000)
    end = np.clip((len(t) - t) / (RATE / 100), 0, 1)
    tone = np.cos(2 * np.pi * HERTZ * t / RATE) * end
    return (0.5 * 32_767 * tone).astype(np.int16)

"""What Chromium takes for a camera and a microphone: an MJPEG of numbered pictures, and a WAV."""

from __future__ import annotations

import wave
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import av
import numpy as np

from bench.call import counter
from bench.portrait import moving
from realtime.picture import convert, to_av
from realtime.types import Frame

RATE = 48_000


def write_camera(
    path: Path, frames: Iterable[Frame], *, fps: int = 30, numbered: bool = True
) -> int:
    """Write ``frames``, numbered from 0 in the corner where wanted; return how many there are.

    Chromium plays the file round and round at 30 fps. It must be full-range 4:2:0: it shows any
    other layout green.
    """
    count = 0
    with closing(av.open(str(path), mode="w", format="mjpeg")) as file:
        stream = file.add_stream("mjpeg", rate=fps, options={"qscale": "3"})
        for frame in frames:
            full = convert(frame, "yuv420p", full_range=True)
            luma = full.planes[0].copy()
            if numbered:
                counter.draw(luma, count)
            picture = to_av(full.with_planes((luma, *full.planes[1:])))
            if count == 0:
                stream.width, stream.height = full.width, full.height
                stream.pix_fmt = "yuvj420p"
            picture = picture.reformat(format="yuvj420p")
            picture.pts = None
            file.mux(stream.encode(picture))
            count += 1
        file.mux(stream.encode(None))
    return count


def write_portrait(path: Path, width: int, height: int, count: int) -> None:
    """Write the moving portrait, which ends where it begins."""
    write_camera(path, moving(width, height, count))


def write_speech(path: Path, seconds: float = 4.0) -> None:
    """Write something like speech: a buzzing voice, changing vowels, four syllables a second."""
    t = np.arange(int(seconds * RATE)) / RATE
    pitch = 120 + 15 * np.sin(2 * np.pi * 0.7 * t)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    vowel = 0.5 + 0.5 * np.sin(2 * np.pi * 1.3 * t)
    voice = np.zeros_like(t)
    for harmonic in range(1, 24):
        hertz = harmonic * pitch
        formants = (400 + 400 * vowel, 2200 - 1000 * vowel)
        gain = sum(np.exp(-(((hertz - f) / 150) ** 2)) for f in formants) + 0.03
        voice += gain * np.sin(harmonic * phase)
    syllables = np.clip(np.sin(2 * np.pi * 4 * t) + 0.4, 0, 1)
    sound = voice * syllables
    samples = (0.5 * 32_767 * sound / np.abs(sound).max()).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())

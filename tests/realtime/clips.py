"""Clips made on the spot: small, with known pixels, time stamps and sound."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from realtime.picture import plane_rows
from realtime.types import Pixels

LOSSLESS = {
    "libx264": {"qp": "0", "preset": "ultrafast"},
    "ffv1": {"level": "3"},
    "mpeg4": {"qscale": "2"},
}
DRAWN_AS = {"bgr0": "rgb24", "yuv420p10le": "yuv420p"}
RATE = 48_000


@dataclass(frozen=True)
class Film:
    """What to make; ``stamps`` are in units of ``time_base``."""

    frames: int = 12
    size: tuple[int, int] = (64, 48)
    codec: str = "libx264"
    layout: str = "yuv420p"
    rate: int = 25
    time_base: Fraction = Fraction(1, 12_800)
    stamps: Sequence[int] | None = None
    sound: str | None = None
    degrees: int = 0
    full_range: bool = False
    options: tuple[tuple[str, str], ...] = ()
    title: str = ""
    aspect: Fraction = Fraction(1)


def make(path: Path, film: Film | None = None, *, format: str | None = None) -> Path:
    """Write ``film`` to ``path`` and return that."""
    film = film or Film()
    with closing(av.open(str(path), mode="w", format=format, options=dict(film.options))) as out:
        if film.title:
            out.metadata["title"] = film.title
        stream = _picture_track(out, film)
        if film.sound:
            # Before the picture, as cameras do: a file cut in its middle still has some of both.
            _write_sound(out, film, _sound_track(out, film.sound))
        for i in range(film.frames):
            out.mux(stream.encode(picture(film, i)))
        out.mux(stream.encode(None))
    return path


def make_of(path: Path, pictures: Sequence[Pixels], rate: int = 25) -> Path:
    """Write RGB ``pictures`` to the Matroska file ``path`` as lossless 4:2:0, and return that."""
    height, width, _ = pictures[0].shape
    film = Film(size=(width, height), codec="ffv1", rate=rate, time_base=Fraction(1, 1000))
    with closing(av.open(str(path), mode="w")) as out:
        stream = _picture_track(out, film)
        for i, rgb in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=film.layout)
            frame.pts, frame.time_base = i * 1000 // rate, film.time_base
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def picture(film: Film, i: int) -> av.VideoFrame:
    """Return picture ``i``: noise and a bright corner, another brightness each time."""
    frame = _drawn(film, i)
    if film.layout != frame.format.name:
        frame = frame.reformat(format=film.layout)
    step = round(1 / (film.rate * film.time_base))
    frame.pts = i * step if film.stamps is None else film.stamps[i]
    frame.time_base = film.time_base
    return frame


def planes_of(film: Film, i: int) -> tuple[Pixels, ...]:
    """Return the pixels of picture ``i`` as it was before any codec; RGB of bgr0."""
    frame = _drawn(film, i)
    return tuple(plane_rows(frame, p).copy() for p in range(len(frame.planes)))


def _drawn(film: Film, i: int) -> av.VideoFrame:
    frame = av.VideoFrame(*film.size, DRAWN_AS.get(film.layout, film.layout))
    for plane in range(len(frame.planes)):
        rows = plane_rows(frame, plane)
        noise = np.random.default_rng(100 * plane).random(rows.shape) * 40
        rows[:] = (20 + 37 * i % 150 + noise).astype(np.uint8)
        rows[: rows.shape[0] // 4, : rows.shape[1] // 4] = 230
    return frame


def clicks(seconds: float) -> NDArray[np.int16]:
    """Return a quiet hum with a click ten times a second, [1, N] at 48 kHz."""
    t = np.arange(round(seconds * RATE)) / RATE
    sound = 0.05 * np.sin(2 * np.pi * 220 * t) + 0.7 * np.exp(-((t % 0.1) * 2000))
    return (sound * 32_000).astype(np.int16)[None]


def sound_packets(path: Path) -> list[tuple[Fraction, bytes]]:
    """Return time and contents of every packet of sound."""
    with closing(av.open(str(path), mode="r")) as container:
        stream = container.streams.audio[0]
        packets = [packet for packet in container.demux(stream) if packet.size]
        return [((packet.pts or 0) * packet.time_base, bytes(packet)) for packet in packets]


def sound_samples(path: Path) -> tuple[float, NDArray[np.float64]]:
    """Return when the first sample is heard, in seconds, and all of the first channel, -1 to 1."""
    with closing(av.open(str(path), mode="r")) as container:
        frames = list(container.decode(audio=0))
    parts: list[NDArray[np.float64]] = []
    for frame in frames:
        block = frame.to_ndarray()
        if not frame.format.is_planar:
            block = block.reshape(-1, frame.layout.nb_channels).T
        parts.append(block[0] / {"i": 2.0 ** (8 * block.itemsize - 1), "f": 1.0}[block.dtype.kind])
    first = frames[0]
    return float((first.pts or 0) * (first.time_base or 1)), np.concatenate(parts)


def _picture_track(out: OutputContainer, film: Film) -> VideoStream:
    options = LOSSLESS.get(film.codec, {"b": "2M"})
    stream = cast(VideoStream, out.add_stream(film.codec, rate=film.rate, options=options))
    stream.width, stream.height = film.size
    stream.pix_fmt = film.layout
    stream.time_base = stream.codec_context.time_base = film.time_base
    stream.codec_context.sample_aspect_ratio = film.aspect
    if film.full_range:
        stream.codec_context.color_range = 2
    if film.degrees:
        stream.set_display_rotation(film.degrees)
    return stream


def _sound_track(out: OutputContainer, codec: str) -> AudioStream:
    stream = cast(AudioStream, out.add_stream(codec, rate=RATE))
    stream.codec_context.layout = "mono"
    return stream


def _write_sound(out: OutputContainer, film: Film, stream: AudioStream) -> None:
    frame = av.AudioFrame.from_ndarray(clicks(film.frames / film.rate), format="s16", layout="mono")
    frame.sample_rate = RATE
    frame.pts = 0
    frame.time_base = Fraction(1, RATE)
    out.mux(stream.encode(frame))
    out.mux(stream.encode(None))

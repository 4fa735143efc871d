"""The sound of a file for who listens to the voice in it: mono, 16 kHz, without gaps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.error import FFmpegError

from realtime.types import Floats

RATE = 16_000

APART = RATE // 50
"""Samples by which a time stamp may be off before silence fills the gap, or sound is left out."""

LONGEST_GAP = 60 * RATE
"""A longer gap is a broken time stamp."""


class Speech:
    """Decodes the main sound track as it is asked for.

    Attributes:
        begin: when the sound begins, on the file's own clock, in seconds; None where there is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.begin = _begin(path)

    def __iter__(self) -> Iterator[Floats]:
        """Yield mono pieces [n]; what cannot be decoded is left out."""
        if self.begin is None:
            return
        with closing(av.open(str(self._path), mode="r", metadata_errors="replace")) as container:
            stream = _track(container.streams.best("audio"))
            if stream is None:
                return
            resampled, given = Resampled(), 0
            for packet in container.demux(stream):
                try:
                    decoded = packet.decode()
                except (FFmpegError, EOFError):
                    continue
                for sound in decoded:
                    expected = self._position(sound, given)
                    if given < expected:
                        yield np.zeros(expected - given, np.float32)
                        given = expected
                    for samples in resampled(sound):
                        given += len(samples)
                        yield samples

    def _position(self, sound: av.AudioFrame, given: int) -> int:
        """Return which sample ``sound`` begins with, by its time stamp if that can be."""
        if sound.pts is None or not sound.time_base or self.begin is None:
            return given
        position = int((sound.pts * sound.time_base - self.begin) * RATE)
        return position if APART < position - given < LONGEST_GAP else given


class Resampled:
    """Mono at 16 kHz of whatever comes, also where that changes on the way."""

    def __init__(self) -> None:
        self._kind: tuple[object, ...] = ()
        self._resampler = av.AudioResampler("flt", layout="mono", rate=RATE)

    def __call__(self, sound: av.AudioFrame) -> Iterator[Floats]:
        """Yield what is ready of ``sound``."""
        kind = sound.format.name, sound.layout.name, sound.sample_rate
        if kind != self._kind:
            self._kind = kind
            self._resampler = av.AudioResampler("flt", layout="mono", rate=RATE)
        sound.pts = None
        for part in self._resampler.resample(sound):
            yield cast("Floats", part.to_ndarray()[0])


def _begin(path: Path) -> Fraction | None:
    with closing(av.open(str(path), mode="r", metadata_errors="replace")) as container:
        stream = _track(container.streams.best("audio"))
        if stream is None:
            return None
        try:
            for sound in container.decode(stream):
                return Fraction(sound.pts or 0) * Fraction(sound.time_base or 1)
        except (FFmpegError, EOFError):
            return None
    return None


def _track(stream: object) -> AudioStream | None:
    return stream if isinstance(stream, AudioStream) else None

"""A clip as training wants it: pictures at an even rate, and the sound that goes with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError

from realtime.picture import from_av, to_rgb
from realtime.session import SourceError
from realtime.sources.speech import RATE, Speech
from realtime.types import Floats, Pixels

HAIR = 1e-3
"""Seconds by which a time stamp may be late: a 25th of a second is not a whole millisecond."""


def pictures(path: Path, fps: int) -> Iterator[Pixels]:
    """Yield [H, W, 3] RGB at ``fps``: of each moment the picture that is then on show.

    Raises:
        SourceError: the file has no pictures or cannot be read.
    """
    try:
        with closing(av.open(str(path), mode="r", metadata_errors="replace")) as container:
            if not container.streams.video:
                raise SourceError(f"{path}: holds no pictures")
            yield from _evenly(container.decode(container.streams.video[0]), fps)
    except FFmpegError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror})") from error


def _evenly(decoded: Iterable[av.VideoFrame], fps: int) -> Iterator[Pixels]:
    shown: Pixels | None = None
    first, told = 0.0, 0
    for seq, picture in enumerate(decoded):
        at = float(picture.time or 0)
        if shown is None:
            first = at
        while shown is not None and told / fps < at - first - HAIR:
            yield shown
            told += 1
        shown = to_rgb(from_av(picture, round(at * 1e9), seq))
    if shown is not None:
        yield shown


def sound(path: Path) -> Floats:
    """Return [S] mono samples of -1..1, 16000 a second, that begin with the file's first picture.

    Of a file without pictures they are as they are; of a silent one there are none.

    Raises:
        SourceError: the file cannot be read.
    """
    try:
        speech = Speech(path)
        samples = np.concatenate([np.zeros(0, np.float32), *speech])
        begun = _first_picture(path)
    except FFmpegError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror})") from error
    if speech.begin is None or begun is None:
        return samples
    late = round((speech.begin - begun) * RATE)
    return samples[-late:] if late < 0 else np.concatenate([np.zeros(late, np.float32), samples])


def _first_picture(path: Path) -> Fraction | None:
    """Return when the pictures begin, in seconds of the file's own clock."""
    with closing(av.open(str(path), mode="r", metadata_errors="replace")) as container:
        if not container.streams.video:
            return None
        stream = container.streams.video[0]
        return Fraction(stream.start_time or 0) * Fraction(stream.time_base or 1)

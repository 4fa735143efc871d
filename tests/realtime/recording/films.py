"""What is in a recording."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import av
import numpy as np

from realtime.picture import plane_rows
from tests.realtime.clips import sound_samples


def decoded(path: Path) -> list[av.VideoFrame]:
    """Return every picture of it."""
    with closing(av.open(str(path), mode="r")) as container:
        return list(container.decode(video=0))


def flashes(path: Path) -> list[float]:
    """Return when the picture turns white, in seconds."""
    begins: list[float] = []
    white = False
    for shot in decoded(path):
        now = float(plane_rows(shot, 0).mean()) > 128
        if now and not white:
            begins.append(float((shot.pts or 0) * (shot.time_base or 1)))
        white = now
    return begins


def beeps(path: Path) -> list[float]:
    """Return when a beep begins, in seconds."""
    start, samples = sound_samples(path)
    loud = np.flatnonzero(np.abs(samples) > 0.1)
    first = loud[np.diff(loud, prepend=-10_000) > 4800]
    return [start + float(i) / 48_000 for i in first]

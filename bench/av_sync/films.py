"""When flashes and beeps begin in a film."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import av
import numpy as np

from bench.av_sync.detect import beep_onsets, flash_onsets, level
from realtime.clock import SECOND
from realtime.picture import plane_rows


def found_in(film: Path) -> tuple[list[int], list[int]]:
    """Return when flashes and beeps begin in a film, as any player has it."""
    levels: list[tuple[int, float]] = []
    with closing(av.open(str(film), mode="r")) as container:
        for picture in container.decode(video=0):
            at = (picture.pts or 0) * (picture.time_base or 1)
            levels.append((round(at * SECOND), level(plane_rows(picture, 0))))
    with closing(av.open(str(film), mode="r")) as container:
        blocks = list(container.decode(audio=0))
    samples = np.concatenate([block.to_ndarray()[0] for block in blocks])
    begin = (blocks[0].pts or 0) * (blocks[0].time_base or 1)
    return flash_onsets(levels), beep_onsets(samples, blocks[0].sample_rate, round(begin * SECOND))

"""MediaPipe's networks on our own engines: the same points in less time, from planes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engines.engine import AUTO, EngineError, Options
from engines.landmarks.follow import open_tracker
from engines.landmarks.networks import SourceMissing
from engines.landmarks.picture import Picture
from engines.tflite import TfliteError
from realtime.face.finder import MOST_FACES, Scout, Sight, TrackerError
from realtime.picture import to_rgb
from realtime.types import SUBSAMPLING, Floats, Frame

logger = logging.getLogger(__name__)

AROUND = 4
"""Pixels around a face that are turned into RGB with it: its look is read between pixels."""


class EngineFinder:
    """Follows all faces that there are; those that come later are found within a second.

    Args:
        still: look anew in every picture instead of following; for photographs.
        backends: who may run the networks, in the order in which they are tried.
        options: how they are run; nothing is built now, while a call waits, unless they say so.

    Raises:
        TrackerError: nothing here can run them, or they are not there.
    """

    def __init__(
        self,
        *,
        still: bool = False,
        backends: Sequence[str] = AUTO,
        options: Options | None = None,
    ) -> None:
        try:
            self._tracker, self.backend = open_tracker(
                backends, options or Options(build=False), MOST_FACES
            )
        except (EngineError, SourceMissing, TfliteError, OSError) as error:
            raise TrackerError(f"the landmark engine cannot be used: {error}") from error
        logger.info("landmarks run on %s", self.backend)
        self._still = still
        self._scout = Scout()
        self._tracker.warm_up()

    def __call__(self, frame: Frame, /) -> list[Sight]:
        """Return the faces, in no order."""
        if self._still:
            self.reset()
        picture = Picture(frame.planes, frame.full_range)
        found = self._tracker.step(picture, look_around=self._scout.is_due(frame.captured))
        return [_sight(frame, face.points) for face in found]

    def reset(self) -> None:
        """Forget where faces were."""
        self._tracker.reset()
        self._scout.reset()

    def close(self) -> None:
        """Give back memory; idempotent."""
        self._tracker.close()


def _sight(frame: Frame, points: Floats) -> Sight:
    """Turn the face alone into RGB, not the whole frame."""
    sub_x, sub_y = SUBSAMPLING[frame.format]
    low, high = points[:, :2].min(axis=0) - AROUND, points[:, :2].max(axis=0) + AROUND
    left, right = _even(low[0], high[0], frame.width)
    top, bottom = _even(low[1], high[1], frame.height)
    rows = slice(top // sub_y, -(-bottom // sub_y))
    columns = slice(left // sub_x, -(-right // sub_x))
    chroma = (plane[rows, columns] for plane in frame.planes[1:])
    planes = (frame.planes[0][top:bottom, left:right], *chroma)
    return Sight(points, to_rgb(replace(frame, planes=planes)), (left, top))


def _even(low: np.float32, high: np.float32, size: int) -> tuple[int, int]:
    """Return a range inside of ``size`` that begins with a whole sample of chroma."""
    start = int(np.clip(low, 0, size - 2)) // 2 * 2
    return start, max(start + 2, int(np.clip(high, 2, size - 1)) + 1)

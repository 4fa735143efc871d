"""MediaPipe's networks on our own engines: the same points in less time, from planes."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from engines.engine import AUTO, EngineError, Options
from engines.landmarks.follow import open_tracker
from engines.landmarks.networks import SourceMissing
from engines.landmarks.picture import Picture
from engines.tflite import TfliteError
from realtime.face.finder import MOST_FACES, Scout, TrackerError
from realtime.types import Floats, Frame

logger = logging.getLogger(__name__)


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
        self.places = self._tracker.places
        logger.info("landmarks run on %s", self.backend)
        self._still = still
        self._scout = Scout()
        self._tracker.warm_up()

    def __call__(self, frame: Frame, /) -> list[Floats]:
        """Return the points of each face, in no order."""
        if self._still:
            self.reset()
        picture = Picture(frame.planes, frame.full_range)
        found = self._tracker.step(picture, look_around=self._scout.is_due(frame.captured))
        return [face.points for face in found]

    def reset(self) -> None:
        """Forget where faces were."""
        self._tracker.reset()
        self._scout.reset()

    def close(self) -> None:
        """Give back memory; idempotent."""
        self._tracker.close()

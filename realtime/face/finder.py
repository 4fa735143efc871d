"""What finds faces in a picture, whoever does the work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from engines.placement import Placement
from realtime.types import Floats, Frame

MOST_FACES = 6

SCOUT_NS = 1_000_000_000
"""How often the picture is searched for further faces; following those known costs less."""


class TrackerError(Exception):
    """No landmark network could be started; the message says what to install."""


class Finder(Protocol):
    """Finds faces in one picture after another; not for more than one thread."""

    def __call__(self, frame: Frame, /) -> list[Floats]:
        """Return the points of each face, [478, 3] in the frame's pixels, in no order."""
        ...

    @property
    def places(self) -> Sequence[Placement]:
        """Where its networks run."""
        ...

    def reset(self) -> None:
        """Forget where faces were."""
        ...

    def close(self) -> None:
        """Give back memory; idempotent."""
        ...


class Scout:
    """Says when it is time to search for further faces."""

    def __init__(self) -> None:
        self._last: int | None = None

    def is_due(self, now: int) -> bool:
        """Tell whether ``SCOUT_NS`` have passed since it last said so."""
        if self._last is not None and 0 <= now - self._last < SCOUT_NS:
            return False
        self._last = now
        return True

    def reset(self) -> None:
        """Make the next search due at once."""
        self._last = None

"""One line on the terminal that says how a live session goes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TextIO

from realtime.clock import MS, Clock
from realtime.sources.rate import RateMeter
from realtime.types import Filtered

EVERY = 500 * MS
"""How often the line changes: often enough to watch, seldom enough to read."""


class StatusLine:
    """A sink that shows rate, age and rung of the frames sent to it; silent off a terminal.

    ``coming`` tells how many frames a second the camera really gives, ``sound`` how the sound does.
    """

    def __init__(
        self,
        clock: Clock,
        coming: Callable[[], float],
        terminal: TextIO | None = None,
        sound: Callable[[], str] | None = None,
    ) -> None:
        self._clock = clock
        self._coming = coming
        self._sound = sound
        self._terminal = terminal or sys.stderr
        self._on = self._terminal.isatty()
        self._rate = RateMeter()
        self._shown: int | None = None
        self._width = 0

    def send(self, filtered: Filtered) -> None:
        """Count a frame, and change the line when it is time."""
        now = self._clock.now()
        self._rate.note(now)
        if self._on and (self._shown is None or now - self._shown >= EVERY):
            self._shown = now
            line = describe(filtered, self._rate.at(now), self._coming(), now)
            self._show(f"{line}  {self._sound()}" if self._sound else line)

    def close(self) -> None:
        """Leave the line as it is and go to the next; idempotent."""
        if self._on and self._width:
            self._terminal.write("\n")
            self._terminal.flush()
        self._on = False

    def _show(self, line: str) -> None:
        self._terminal.write("\r" + line.ljust(self._width))
        self._terminal.flush()
        self._width = len(line)


def describe(filtered: Filtered, rate: float, coming: float, now: int) -> str:
    """Return the line for a frame that is shown ``now``."""
    count = len(filtered.faces)
    faces = {0: "no face", 1: "1 face"}.get(count, f"{count} faces")
    age = (now - filtered.frame.captured) / MS
    return (
        f"{rate:4.1f} fps of the camera's {coming:.1f}  {age:3.0f} ms old  "
        f"{filtered.rung.value}  {faces}"
    )

"""Time stamps that only go forward, whatever a recorder wrote."""

from __future__ import annotations


class Timeline:
    """Keeps every stamp of a track that comes after the one before, and mends the others.

    A stamp a little too early is moved just behind its predecessor. One that is earlier by more
    than ``jump`` begins another recording, joined to the first: it goes on where that ended.

    Attributes:
        mended: stamps that had to be moved.
    """

    def __init__(self, jump: int, least: int = 1) -> None:
        self._jump = jump
        self._least = max(1, least)
        self._shift = 0
        self._last: int | None = None
        self.mended = 0

    def place(self, stamp: int | None, step: int) -> int:
        """Return the time for ``stamp``; without one, ``step`` after the last."""
        if self._last is None:
            self._last = stamp or 0
            return self._last
        placed = self._last + step if stamp is None else stamp + self._shift
        if placed <= self._last:
            self.mended += 1
            if self._last - placed > self._jump:
                self._shift += self._last + step - placed
                placed = self._last + step
            else:
                placed = self._last + self._least
        self._last = placed
        return placed

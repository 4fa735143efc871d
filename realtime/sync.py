"""Sound and picture in step: how late the picture is, and when a stretch of sound is due."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

from realtime.clock import MS

T = TypeVar("T")

FALL = 5 * MS
"""How much the expected dwell may shrink in a second; faster, and the sound is heard to skip."""


class Dwell:
    """How long pictures stay inside, from capture to release: grows at once, shrinks slowly."""

    def __init__(self, window: int = 64) -> None:
        self._recent: deque[int] = deque(maxlen=window)
        self._at = 0
        self.ns = 0

    def add(self, dwell: int, now: int) -> None:
        """Take in that a picture released at ``now`` had stayed for ``dwell``."""
        self._recent.append(dwell)
        typical = sorted(self._recent)[int(0.95 * (len(self._recent) - 1))]
        allowed = FALL * (now - self._at) // (1000 * MS)
        self._at = now
        self.ns = max(typical, self.ns - allowed)


@dataclass(frozen=True, slots=True)
class Timed(Generic[T]):
    """Something and the moment it was captured."""

    captured: int
    item: T


class Playout(Generic[T]):
    """Holds stretches of sound until they are due: at their capture plus a delay that may change.

    Too early is held back, too late by ``slack`` is skipped, and both are counted, as is what
    exceeds ``limit``: nothing that was heard vanishes without a trace.
    """

    def __init__(self, limit: int, slack: int) -> None:
        self._items: deque[Timed[T]] = deque()
        self._limit = limit
        self._slack = slack
        self.overflowed = 0
        self.skipped = 0
        self.silent = 0

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T, captured: int) -> None:
        """Append ``item``; beyond ``limit`` the oldest goes."""
        self._items.append(Timed(captured, item))
        while len(self._items) > self._limit:
            self._items.popleft()
            self.overflowed += 1

    def take(self, now: int, delay: int) -> T | None:
        """Return what is due at ``now``; None means silence."""
        due = now - delay
        while len(self._items) > 1 and self._items[0].captured < due - self._slack:
            self._items.popleft()
            self.skipped += 1
        if not self._items or self._items[0].captured > due:
            self.silent += 1
            return None
        return self._items.popleft().item

"""Sound and picture in step: how long they take inside, and when they may begin."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

from realtime.clock import MS

FALL = 5 * MS
"""How much the expected dwell may shrink in a second; faster, and the sound is heard to skip."""


FINDING = 16
"""Dwells that are only looked at: the first are slow while everything warms up, and to hold all
that follows for as long, because of those, would be felt for a minute."""


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
        finding = len(self._recent) < min(FINDING, self._recent.maxlen or FINDING)
        self.ns = typical if finding else max(typical, self.ns - allowed)


class Start:
    """Lets tracks begin together: once each has something to give, or the first waited long enough.

    Without it the one that comes first is anchored on its own; with no end to it, a missing camera
    or microphone would hold up the other for good.
    """

    def __init__(self, tracks: Collection[str], patience: int) -> None:
        self._missing = set(tracks)
        self._patience = patience
        self._first: int | None = None

    def came(self, track: str, now: int) -> None:
        """Note that ``track`` has something to give."""
        self._missing.discard(track)
        if self._first is None:
            self._first = now

    def open(self, now: int) -> bool:
        """Tell whether tracks may begin."""
        if not self._missing:
            return True
        return self._first is not None and now - self._first >= self._patience

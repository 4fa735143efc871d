"""Sound and picture in step: how long they take inside, and when they may begin."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from itertools import islice

from realtime.clock import MS

FALL, FASTEST = 5 * MS, 100 * MS
"""How much the expected dwell shrinks in a second: where it is near what is needed, and at most."""

EASE_S = 2.0
"""What it stands too high is halved in little more than this time, as far as ``FASTEST`` allows."""


FINDING = 16
"""Dwells that are only looked at: the first are slow while everything warms up, and all that
follows would be held for as long because of those."""


class Dwell:
    """How long pictures stay inside, from capture to release: grows at once, shrinks gently.

    Most of the recent ones have to be covered, but for a twentieth. Where the newest third of them
    has been quicker than that, the trouble is taken to be over; should it come back, the first that
    is late again brings back what was needed.

    Args:
        window: how many are recent.
        cautious: shrink no further than all of the newest third allow, because each that comes too
            late is heard. A late picture is only late.
    """

    def __init__(self, window: int = 64, *, cautious: bool = False) -> None:
        self._recent: deque[int] = deque(maxlen=window)
        self._window = window
        self._cautious = cautious
        self._at = 0
        self.ns = 0

    def add(self, dwell: int, now: int) -> None:
        """Take in that a picture released at ``now`` had stayed for ``dwell``."""
        self._recent.append(dwell)
        passed, self._at = now - self._at, now
        needed = sorted(self._recent)[int(0.95 * (len(self._recent) - 1))]
        if len(self._recent) < min(FINDING, self._window):
            self.ns = needed
            return
        newest = max(islice(reversed(self._recent), self._window // 3))
        if len(self._recent) == self._window:
            needed = min(needed, newest)
        goal = max(needed, newest if self._cautious else 0)
        speed = min(FASTEST, FALL + max(0, self.ns - goal) / EASE_S)
        fallen = self.ns - round(speed * passed / (1000 * MS))
        self.ns = max(needed, min(self.ns, max(goal, fallen)))


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

"""How many messages a socket may send; pure, so that a flood can be tried without one."""

from __future__ import annotations

from enum import Enum

from realtime.clock import MS

RATE, BURST = 60.0, 120.0
"""Messages a second that may come for long, and at once after a pause."""

PATIENCE = 600.0
"""Messages too many, at once, until the socket is closed; it forgives ``RATE`` of them a second."""

FORGET = 5000 * MS
"""After this long without a message too many, the next is told of again."""


class Verdict(Enum):
    """What to do with a message."""

    FOLLOW = "follow"
    COMPLAIN = "complain"  # the first too many
    IGNORE = "ignore"
    END = "end"


class Bucket:
    """Fills by ``rate`` a second up to ``size``; each take empties it by one."""

    def __init__(self, rate: float, size: float) -> None:
        self._rate = rate
        self._size = self._level = size
        self._at: int | None = None

    def take(self, now: int) -> bool:
        """Tell whether there was one left."""
        passed = 0 if self._at is None else now - self._at
        self._at = now
        self._level = min(self._size, self._level + passed * self._rate / (1000 * MS))
        if self._level < 1:
            return False
        self._level -= 1
        return True


class Allowance:
    """Lets messages through up to a rate, forgives some more, and then has had enough."""

    def __init__(self) -> None:
        self._messages = Bucket(RATE, BURST)
        self._patience = Bucket(RATE, PATIENCE)
        self._told: int | None = None

    def spend(self, now: int) -> Verdict:
        """Judge the message that came at ``now``."""
        if self._messages.take(now):
            return Verdict.FOLLOW
        if not self._patience.take(now):
            return Verdict.END
        told, self._told = self._told, now
        fresh = told is None or now - told > FORGET
        return Verdict.COMPLAIN if fresh else Verdict.IGNORE

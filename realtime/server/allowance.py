"""How many messages a socket may send; pure, so that a flood can be tried without one."""

from __future__ import annotations

from enum import Enum

from realtime.bucket import Bucket
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

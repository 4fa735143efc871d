"""How long a call may last: a word a minute before, and then its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

WARNING = 60.0
"""Seconds before the end at which the person is told."""


class TimeLimit:
    """Ends something after a number of minutes; 0 never does. Belongs to the event loop."""

    def __init__(
        self, minutes: float, warn: Callable[[str], None], end: Callable[[str], None]
    ) -> None:
        loop = asyncio.get_running_loop()
        self._timers: list[asyncio.TimerHandle] = []
        if not minutes:
            return
        seconds = 60 * minutes
        over = f"A call may last {minutes:g} minutes here, and this one has; start another."
        self._timers.append(loop.call_later(seconds, end, over))
        if seconds > WARNING:
            soon = f"This call ends in a minute: {minutes:g} minutes are allowed here."
            self._timers.append(loop.call_later(seconds - WARNING, warn, soon))

    def cancel(self) -> None:
        """Forget it; may be called twice."""
        for timer in self._timers:
            timer.cancel()

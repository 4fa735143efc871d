"""How many frames a second really come, whatever a device claims."""

from __future__ import annotations

from collections import deque

from realtime.clock import SECOND


class RateMeter:
    """Counts arrivals within the last ``window`` nanoseconds."""

    def __init__(self, window: int = 2 * SECOND) -> None:
        self._window = window
        self._arrivals: deque[int] = deque(maxlen=1024)

    def note(self, now: int) -> None:
        """Remember that a frame came."""
        self._arrivals.append(now)

    def at(self, now: int) -> float:
        """Return frames a second; 0 when fewer than two came of late. Safe from another thread."""
        recent = [arrival for arrival in tuple(self._arrivals) if now - arrival <= self._window]
        if len(recent) < 2 or recent[-1] == recent[0]:
            return 0.0
        return (len(recent) - 1) * SECOND / (recent[-1] - recent[0])

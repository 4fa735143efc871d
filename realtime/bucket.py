"""How often something may happen; pure, so that a flood can be tried without one."""

from __future__ import annotations

from realtime.clock import MS


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

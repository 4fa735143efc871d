"""What waits to be sent to one socket: bounded, since a reader may be slow to take it."""

from __future__ import annotations

import asyncio
from collections import deque

from realtime.server.replies import STATES, Message

ROOM = 32
"""Messages that wait at most; a socket that reads none for that long misses complaints."""


class Outbox:
    """Holds messages in order; a newer reading of a state takes the place of one still waiting.

    Belongs to the event loop.
    """

    def __init__(self) -> None:
        self._waiting: deque[Message] = deque()
        self._ready = asyncio.Event()
        self._closed = False
        self.lost = 0

    def put(self, message: Message) -> None:
        """Let ``message`` wait for its turn."""
        if message["type"] in STATES:
            self._waiting = deque(m for m in self._waiting if m["type"] != message["type"])
        elif len(self._waiting) >= ROOM and not message.get("final"):
            self.lost += 1
            return
        self._waiting.append(message)
        self._ready.set()

    def close(self) -> None:
        """Take no more; what waits can still be had."""
        self._closed = True
        self._ready.set()

    async def get(self) -> Message | None:
        """Return the next message; None after the last."""
        while not self._waiting:
            if self._closed:
                return None
            self._ready.clear()
            await self._ready.wait()
        return self._waiting.popleft()

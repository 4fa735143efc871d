"""A connection that may fail to come up, and then says so.

aiortc brings it up in tasks of its own that nobody awaits: what goes wrong there ends as a trace in
the log, and whoever waits for the connection never hears of it. A test watches the name.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiortc import RTCConfiguration, RTCPeerConnection

logger = logging.getLogger(__name__)

CONNECT = "_RTCPeerConnection__connect"

BROKEN = "broken"
"""The event that a connection emits when it cannot come up."""


class Connection(RTCPeerConnection):
    """Emits ``BROKEN`` where aiortc would only leave a trace, and can be told to try no further."""

    def __init__(self, configuration: RTCConfiguration) -> None:
        super().__init__(configuration)
        self._trying: set[asyncio.Task[None]] = set()
        self._connect: Callable[[], Awaitable[None]] = getattr(self, CONNECT)
        setattr(self, CONNECT, self._try_to_connect)

    def give_up(self) -> None:
        """Try no further; what hangs up at once would else pay for the encryption's beginning."""
        for task in tuple(self._trying):
            task.cancel()

    async def _try_to_connect(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._trying.add(task)
        try:
            await self._connect()
        except Exception as error:  # noqa: BLE001 - the edge of aiortc's task: nobody else hears it
            logger.info("a connection could not be made: %r", error)
            self.emit(BROKEN)
        finally:
            self._trying.discard(task)

"""How many bits a second a connection carries, by the bytes that its transports have counted."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from aiortc import RTCPeerConnection

from realtime.clock import MS

RECEIVED = "_RTCDtlsTransport__rx_bytes"
SENT = "_RTCDtlsTransport__tx_bytes"
"""Where aiortc counts; a test watches the names."""

WINDOW = 2000 * MS
LEAST = 500 * MS
"""How long a stretch is looked at, and how long it has to be to say anything."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Bytes so far.

    Attributes:
        at: nanoseconds.
        received: of picture, sound and reports.
        sent: likewise.
    """

    at: int
    received: int
    sent: int


def carried(connection: RTCPeerConnection, now: int) -> Carried:
    """Return what ``connection`` has carried until ``now``."""
    transports = {t.receiver.transport for t in connection.getTransceivers()}
    counts: Iterable[dict[str, Any]] = [vars(transport) for transport in transports]
    received, sent = (sum(cast("int", c[name]) for c in counts) for name in (RECEIVED, SENT))
    return Carried(now, received, sent)


class Throughput:
    """Rates over the last two seconds, or since somebody asked last where that is longer ago."""

    def __init__(self) -> None:
        self._past: deque[Carried] = deque()

    def kbps(self, now: Carried) -> tuple[float, float] | None:
        """Return kilobits a second received and sent; None until enough has been seen."""
        self._past.append(now)
        while len(self._past) > 2 and now.at - self._past[1].at > WINDOW:
            self._past.popleft()
        first = self._past[0]
        passed = now.at - first.at
        if passed < LEAST:
            return None
        received, sent = now.received - first.received, now.sent - first.sent
        return 8 * MS * received / passed, 8 * MS * sent / passed

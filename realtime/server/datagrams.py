"""Everything that has arrived is taken in at once.

asyncio takes one datagram from a socket in a turn of its loop. A call brings 250 a second, in
bursts of a picture; a loop that is busy with several calls turns 200 times. What it does not get to
waits in the socket, and of that which waits there all but some 90 are lost.
"""

from __future__ import annotations

from socket import socket
from typing import Any, cast

from aioice import ice
from aioice.ice import StunProtocol

MOST = 32
"""Datagrams of one call that are taken in before the others have their turn."""

LARGEST = 2048
"""Bytes; what comes through a network's frames is no longer than 1500."""

SOCKET = "_sock"
READS_WHEN_READY = "_read_ready"
"""What asyncio's transports have where the loop waits for sockets; a test watches the names."""

NO_STUN = 0xC0
"""Bits of the first byte that are set in media and not in STUN (RFC 7983: 0 to 3)."""


class Greedy(StunProtocol):
    """Takes in what else has arrived with each datagram that asyncio brings."""

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        """Pass ``data`` on, and what lies behind it in the socket."""
        self._take(cast("bytes", data), addr)
        if not hasattr(self.transport, READS_WHEN_READY):
            return  # Windows reads ahead by itself
        here: socket = vars(self.transport)[SOCKET]
        for _ in range(MOST):
            try:
                data, addr = here.recvfrom(LARGEST)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                self.error_received(error)
                return
            self._take(data, addr)

    def _take(self, data: bytes, addr: tuple[Any, ...]) -> None:
        if data and data[0] & NO_STUN:  # no need to try whether it can be read as STUN
            self.receiver.data_received(data, self.local_candidate.component)
        else:
            super().datagram_received(data, addr)


def take_all() -> None:
    """Let every connection made from now on take in what has arrived; again does nothing."""
    ice.StunProtocol = Greedy  # type: ignore[misc]  # what opens sockets looks there

"""The UDP sockets: a thread that listens, and a sender that never waits."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Mapping

from realtime.bucket import Bucket
from realtime.clock import MS, Clock
from realtime.osc.orders import Order, Orders
from realtime.osc.packets import PacketError, decode

logger = logging.getLogger(__name__)

LONGEST = 65_536
SILENCE = 1.0
"""Seconds without coefficients after which the face is let go."""

MOST = 10_000
"""Datagrams a second that are read; a body and a face at 60 pictures a second, each value in a
datagram of its own, are 7,200."""

AHEAD = 1_000
"""Datagrams that may come at once."""

ORDERS = 240
"""Orders a second that are followed, and at once; a panic always is."""


class Listener:
    """Reads datagrams on a thread of its own and hands on what they ask for.

    Counts datagrams that were ``heard`` and, as ``surplus``, what was too much to follow.

    Args:
        heard: open and bound; closed with the listener.
        obey: is called on the listener's thread.
    """

    def __init__(self, heard: socket.socket, obey: Callable[[Order], object], clock: Clock) -> None:
        self._socket = heard
        self._obey = obey
        self._clock = clock
        self._orders = Orders()
        self._thread = threading.Thread(target=self._listen, name="osc", daemon=True)
        self._closed = False
        self._room = Bucket(MOST, AHEAD)
        self._patience = Bucket(ORDERS, ORDERS)
        self._broken = 0
        self.heard = 0
        self.surplus = 0

    def __enter__(self) -> Listener:
        self._socket.settimeout(SILENCE)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._closed = True
        self._nudge()
        self._thread.join(2 * SILENCE)
        self._socket.close()

    @property
    def malformed(self) -> int:
        """Datagrams and messages that made no sense."""
        return self._broken + self._orders.malformed

    def counts(self) -> Mapping[str, int]:
        """Return how many were heard, made no sense, or were too many."""
        return {"heard": self.heard, "malformed": self.malformed, "surplus": self.surplus}

    def _listen(self) -> None:
        driven = self._clock.now()
        while not self._closed:
            try:
                datagram = self._socket.recv(LONGEST)
            except TimeoutError:
                datagram = b""
            except OSError:
                return
            now = self._clock.now()
            if datagram and not self._room.take(now):
                self.surplus += 1
            elif datagram and self._take(datagram, now):
                driven = now
            if self._orders.driven and now - driven > SILENCE * 1000 * MS:
                self._pass_on(self._orders.release())

    def _take(self, datagram: bytes, now: int) -> bool:
        """Follow a datagram; tell whether it drove the face."""
        try:
            messages = decode(datagram)
        except PacketError:
            self._broken += 1
            return False
        self.heard += 1
        drove = False
        for order in self._orders.read(messages):
            drove = drove or "coefficients" in order
            if order["type"] == "panic" or self._patience.take(now):
                self._pass_on(order)
            else:
                self.surplus += 1
        return drove

    def _pass_on(self, order: Order | None) -> None:
        if order is None:
            return
        try:
            self._obey(order)
        except Exception:  # the edge of a thread, which must live on
            logger.exception("an OSC message could not be followed")

    def _nudge(self) -> None:
        """Wake the thread with an empty datagram."""
        with socket.socket(self._socket.family, socket.SOCK_DGRAM) as waker:
            try:
                waker.sendto(b"", self._socket.getsockname())
            except OSError:  # bound to all addresses; it wakes by itself within SILENCE
                return


class Sender:
    """Sends datagrams to one place; what the system does not take at once is lost and counted."""

    def __init__(self, host: str, port: int) -> None:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        self._address = address
        self._socket = socket.socket(family, kind, proto)
        self._socket.setblocking(False)
        self.lost = 0

    def __call__(self, datagram: bytes) -> None:
        """Send ``datagram``."""
        try:
            self._socket.sendto(datagram, self._address)
        except OSError:  # nobody listens yet, or the buffer is full: the next picture is soon
            self.lost += 1

    def close(self) -> None:
        """Close the socket; idempotent."""
        self._socket.close()


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that hears what is sent to ``host`` and ``port``.

    Raises:
        OSError: the address cannot be had.
    """
    family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    heard = socket.socket(family, kind, proto)
    try:
        heard.bind(address)
    except OSError:
        heard.close()
        raise
    return heard

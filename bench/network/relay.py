"""A bad network on one machine: a UDP relay between two ends of a call.

Each end is told that the other is at the relay, by its address in place of theirs in the session
descriptions. It runs in a thread of its own, so that it is late only on purpose.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Callable, Sequence
from typing import cast

from bench.network.impairment import Impairment, Phase, Weather

Address = tuple[str, int]

CANDIDATE = "a=candidate:1 1 udp 2130706431 {} {} typ host"


class Relay:
    """Forwards between two ends, each by a socket of its own; learns who they are as they speak.

    Attributes:
        weather: of what comes from the first end, and of what comes from the second.
    """

    def __init__(self, phases: Sequence[Phase], host: str = "127.0.0.1", seed: int = 1) -> None:
        self.weather = (Weather(phases, seed), Weather(phases, seed + 1))
        self._host = host
        self._loop = asyncio.new_event_loop()
        self._ends: list[_End] = []
        self._began: float | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(5)

    def offer_for_second(self, sdp: str) -> str:
        """Return the first end's description with the relay's address, for the second end."""
        return at(sdp, self._ends[1].address)

    def answer_for_first(self, sdp: str) -> str:
        """Return the second end's description with the relay's address, for the first end."""
        return at(sdp, self._ends[0].address)

    def change(self, impairment: Impairment) -> None:
        """Let the network be so from now on, whatever was planned."""
        for weather in self.weather:
            weather.change(impairment)

    @property
    def seconds(self) -> float:
        """Time since the first packet."""
        return 0.0 if self._began is None else time.monotonic() - self._began

    def close(self) -> None:
        """Stop forwarding; may be called twice."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)
            self._loop.close()

    async def _open(self) -> None:
        for weather in self.weather:
            end = _End(lambda data, me, w=weather: self._forward(data, me, w))
            await self._loop.create_datagram_endpoint(
                lambda end=end: end, local_addr=(self._host, 0)
            )
            self._ends.append(end)

    async def _close(self) -> None:
        for end in self._ends:
            end.close()

    def _forward(self, data: bytes, source: _End, weather: Weather) -> None:
        if self._began is None:
            self._began = time.monotonic()
        other = self._ends[1 - self._ends.index(source)]
        late = weather.fate(self.seconds)
        if late == 0.0:
            other.send(data)
        elif late is not None:
            self._loop.call_later(late, other.send, data)


class _End(asyncio.DatagramProtocol):
    """One socket of the relay, and the end that speaks to it."""

    def __init__(self, forward: Callable[[bytes, _End], None]) -> None:
        self._forward = forward
        self._transport: asyncio.DatagramTransport | None = None
        self._peer: Address | None = None

    @property
    def address(self) -> Address:
        """Where this socket is."""
        assert self._transport is not None
        return cast("Address", self._transport.get_extra_info("sockname"))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._peer = addr
        self._forward(data, self)

    def error_received(self, exc: Exception) -> None:
        """An end has gone; the relay goes on, as a network does."""

    def send(self, data: bytes) -> None:
        if self._transport is not None and self._peer and not self._transport.is_closing():
            self._transport.sendto(data, self._peer)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def at(sdp: str, address: Address) -> str:
    """Return ``sdp`` with ``address`` as the only candidate of each of its media."""
    candidate = CANDIDATE.format(*address)
    lines: list[str] = []
    for line in sdp.splitlines():
        if line.startswith("a=candidate"):
            continue
        if line == "a=end-of-candidates":
            continue
        lines.append(line)
        if re.match(r"a=ice-pwd:", line):
            lines += [candidate, "a=end-of-candidates"]
    return "\r\n".join(lines) + "\r\n"

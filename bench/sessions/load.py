"""``python -m bench.sessions.load``: a process that makes calls, as many as it is told.

It says "ready" once everything is encoded, then takes an order in a line of JSON after another and
answers each with one: what every call saw.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any, cast

from bench.call.figures import Sightings
from bench.sessions.caller import Caller, Noted
from bench.sessions.film import FPS, Codec, Film, encode

ROUND = 180
"""Different pictures, shown round and round; a whole number of key frames' distances."""

APART = 0.4
"""Seconds between two calls' beginnings, and a share of a frame, so that none are in step."""


PATIENCE = 30.0
"""Seconds within which every call must have its first picture back."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to do.

    Attributes:
        address: of the server.
        calls: how many at once.
        settle: seconds that do not count, from when all have a picture back.
        seconds: that count.
    """

    address: str
    calls: int
    settle: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of it.

    Attributes:
        calls: what each saw.
        cores: how many processors this process kept busy meanwhile.
    """

    calls: Sequence[Noted]
    cores: float


class Load:
    """The process, seen from outside."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._read()

    def begin(self, order: Order) -> None:
        """Let it call."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(order)) + "\n")
        self._process.stdin.flush()

    def wait(self) -> None:
        """Return when the seconds that count begin; the second time, when they are over.

        The calls go on until :meth:`end`.
        """
        self._read()

    def end(self) -> Answer:
        """Let it hang up and return what it saw."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._read())
        return Answer([_noted(call) for call in told["calls"]], told["cores"])

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the process that makes calls has ended")
        return line


@contextmanager
def loading(codec: Codec, width: int, height: int) -> Generator[Load, None, None]:
    """Run such a process; it is ready inside of the block."""
    words = [sys.executable, "-m", "bench.sessions.load", codec, str(width), str(height)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Load(process)
        finally:
            process.terminate()


def main(codec: str, width: int, height: int) -> None:
    """Serve orders until standard input ends."""
    film = encode(cast("Codec", codec), width, height, ROUND)
    print("ready", flush=True)
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(asyncio.run(follow(Order(**json.loads(line)), film))), flush=True)


async def follow(order: Order, film: Film) -> dict[str, object]:
    """Make the calls, tell when what counts begins and ends, and hang up when told to."""
    callers = [Caller(order.address, film) for _ in range(order.calls)]
    try:
        for i, caller in enumerate(callers):
            if i:
                await asyncio.sleep(APART + i / len(callers) / FPS)
            await caller.begin()
        await _first_pictures(callers)
        await asyncio.sleep(order.settle)
        since, busy = time.monotonic(), time.process_time()
        print("begun", flush=True)
        await asyncio.sleep(order.seconds)
        until = time.monotonic()
        cores = (time.process_time() - busy) / (until - since)
        print("over", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
    finally:
        await asyncio.gather(*(caller.end() for caller in callers), return_exceptions=True)
    calls = [asdict(_between(c.noted(1000 * since), 1000 * until)) for c in callers]
    return {"calls": calls, "cores": cores}


async def _first_pictures(callers: Sequence[Caller]) -> None:
    """Wait until every call has its first picture back, or for as long as it may take."""
    with suppress(asyncio.TimeoutError, TimeoutError):
        await asyncio.wait_for(asyncio.gather(*(c.answered.wait() for c in callers)), PATIENCE)


def _between(noted: Noted, until: float) -> Noted:
    """Leave out what came after the time that counts."""
    sent = [s for s in noted.sent if s[0] <= until]
    returned = [r for r in noted.returned if r[0] <= until]
    late = noted.late[: len(sent)]
    return Noted(sent, returned, late, noted.edited, noted.sounds, noted.telemetry)


def _noted(told: dict[str, Any]) -> Noted:
    def pairs(name: str) -> Sightings:
        return [(at, number) for at, number in told.pop(name)]

    return Noted(sent=pairs("sent"), returned=pairs("returned"), **told)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

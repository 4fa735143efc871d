"""Offers and messages that nobody should send, sent to a server over its own sockets."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from bench.fuzz.messages import messages
from bench.fuzz.mutation import mutated_text

PACE = 1 / 50
"""Seconds between two messages of one socket: those beyond 60 a second would not be read."""

CONTROLLERS = 5
"""Sockets that send to the attacker's own call beside the one that holds it."""

PATIENCE = 20.0
"""Seconds that the server may take to answer."""

FLOOD = 2_000
"""Messages sent at once by one who is to be sent away."""

BUSY = "busy"
MOMENT = 0.25
"""Seconds until it is tried again when all places are taken: calls take a moment to end."""

FLOODED, TRY_AGAIN = 1008, 1013
OFFERED = {"Content-Type": "application/sdp"}

Outcome = Counter[str]
"""How often each thing happened."""


async def offers(address: str, good: str, count: int) -> Outcome:
    """Send ``count`` harmed offers, one after another, by WHIP and by the page's socket in turn.

    What is answered is hung up at once.
    """
    outcome = Outcome()
    for seed in range(count):
        send = _by_http if seed % 2 else _by_socket
        harmed = mutated_text(good, seed)
        while (result := await send(address, harmed)) == BUSY:
            outcome["waits for a place"] += 1
            await asyncio.sleep(MOMENT)
        outcome[result] += 1
    return outcome


async def orders(address: str, good: str, count: int, seed: int = 1) -> Outcome:
    """Send ``count`` broken messages to a call of the attacker's own, by all its sockets at once.

    A socket that the server closes is opened again, and so is the call.
    """
    outcome, waiting = Outcome(), messages(count, seed)
    while outcome["sent"] < count:
        before = outcome["sent"]
        outcome["calls"] += 1
        async with _own_call(address, good) as sockets:
            tasks = [asyncio.create_task(_send(socket, waiting, outcome)) for socket in sockets]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        if outcome["sent"] == before:
            raise RuntimeError("the server takes no more messages")
    return outcome


async def flood(address: str, good: str) -> bool:
    """Send far too much at once; return whether the server closed that socket for it."""
    async with _own_call(address, good) as sockets:
        socket = sockets[-1]
        draining = asyncio.create_task(_drain(socket, Outcome()))
        with suppress(ConnectionClosed):
            for _ in range(FLOOD):
                await socket.send('{"type": "ping", "t": 1}')
        with suppress(asyncio.TimeoutError, TimeoutError):
            await asyncio.wait_for(socket.wait_closed(), PATIENCE)
        draining.cancel()
        return socket.close_code == FLOODED


async def _by_http(address: str, sdp: str) -> str:
    status, location = await asyncio.to_thread(_post, f"{address}whip", sdp)
    if status == 201:
        await asyncio.to_thread(_delete, address.rstrip("/") + location)
        return "answered"
    if status == 503:
        return BUSY
    return "refused" if 400 <= status < 500 else f"status {status}"


def _post(url: str, sdp: str) -> tuple[int, str]:
    data = sdp.encode("utf-8", "replace")
    request = urllib.request.Request(url, data, OFFERED, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return response.status, response.headers["Location"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""


def _delete(url: str) -> None:
    request = urllib.request.Request(url, method="DELETE")
    with suppress(urllib.error.HTTPError), urllib.request.urlopen(request, timeout=PATIENCE):
        pass


async def _by_socket(address: str, sdp: str) -> str:
    try:
        async with _page(address) as socket:
            await socket.send(json.dumps({"type": "offer", "sdp": sdp}))
            reply = await _reply(socket, ("answer", "error"))
    except ConnectionClosed as error:
        code = error.rcvd.code if error.rcvd else 0
        return BUSY if code == TRY_AGAIN else f"closed {code}"
    except (asyncio.TimeoutError, TimeoutError):
        return "no reply"
    if reply["type"] == "answer":
        return "answered"
    return BUSY if reply.get("code") == BUSY else "refused"


async def _reply(socket: ClientConnection, kinds: tuple[str, ...]) -> dict[str, Any]:
    while True:
        message = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))
        if message["type"] in kinds:
            return message


@asynccontextmanager
async def _page(address: str) -> AsyncGenerator[ClientConnection, None]:
    """Yield a socket as the page would open it."""
    url = address.replace("http", "ws", 1)
    origin: Any = address.rstrip("/")
    async with connect(f"{url}call", origin=origin) as socket:
        yield socket


@asynccontextmanager
async def _own_call(address: str, good: str) -> AsyncGenerator[list[ClientConnection], None]:
    """Yield the sockets of a call that is the attacker's: the page's and some controllers'."""
    url = address.replace("http", "ws", 1)
    async with AsyncExitStack() as stack:
        page, hello = await _placed(stack, address)
        await page.send(json.dumps({"type": "offer", "sdp": good}))
        await _reply(page, ("answer",))
        where = f"{url}control?session={hello['session']}"
        others = [await stack.enter_async_context(connect(where)) for _ in range(CONTROLLERS)]
        yield [page, *others]


async def _placed(stack: AsyncExitStack, address: str) -> tuple[ClientConnection, dict[str, Any]]:
    """Return a page's socket that has a place, and what it was told first."""
    while True:
        page = await stack.enter_async_context(_page(address))
        first = await _reply(page, ("hello", "error"))
        if first["type"] == "hello":
            return page, first
        await asyncio.sleep(MOMENT)


async def _send(socket: ClientConnection, waiting: Iterator[str | bytes], outcome: Outcome) -> None:
    """Send what waits, at the pace that is read, until nothing is left or the socket is closed."""
    draining = asyncio.create_task(_drain(socket, outcome))
    try:
        for message in waiting:
            await socket.send(message)
            outcome["sent"] += 1
            await asyncio.sleep(PACE)
        await asyncio.sleep(1.0)  # the last answers
    except WebSocketException:
        outcome["closed"] += 1
    finally:
        draining.cancel()


async def _drain(socket: ClientConnection, outcome: Outcome) -> None:
    with suppress(ConnectionClosed):
        async for text in socket:
            outcome["complaints"] += json.loads(text)["type"] == "error"

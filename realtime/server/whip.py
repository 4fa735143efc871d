"""WHIP (RFC 9725) and WHEP: sending pictures in and watching them by plain HTTP, without our page.

What comes in by WHIP is a call like any other: it takes a place, and ``/control`` moves its edit.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager
from typing import Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from realtime.clock import Clock
from realtime.server.calls import Call, CallError, Calls
from realtime.server.description import read_offer
from realtime.server.ice import IceServers
from realtime.server.messages import MAX_SDP
from realtime.server.offer import OfferError
from realtime.server.viewer import Viewer

logger = logging.getLogger(__name__)

SDP = "application/sdp"

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""All, so that those that make no sense here are answered as such and not as a missing page."""

BODY_WITHIN = 10.0
"""Seconds that an offer may take to arrive."""

CONNECT_WITHIN = 30.0
"""Seconds until pictures have to come, or the place is given to somebody else."""

VIEWERS = 8
"""Viewers of one call: each costs an encoder."""


class Party(Protocol):
    """One end of a connection that was made over HTTP."""

    @property
    def connected(self) -> bool:
        """Whether pictures can flow."""
        ...

    @property
    def ended(self) -> asyncio.Future[str] | asyncio.Future[None]:
        """Done when the other side has gone."""
        ...

    async def answer(self, sdp: str) -> str:
        """Return the answer to an offer."""
        ...

    async def close(self) -> None:
        """Release everything."""
        ...


class RequestError(Exception):
    """The request cannot be followed; the text is a sentence for whoever sent it."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Resource:
    """A connection that lives until it is deleted, or the other side has gone."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tag = secrets.token_hex(8)
        self.deleted = asyncio.Event()
        self.task: asyncio.Task[None] | None = None


class HttpSignalling:
    """The endpoints ``/whip`` and ``/whep``."""

    def __init__(self, calls: Calls, ice: IceServers, clock: Clock) -> None:
        self._calls = calls
        self._ice = ice
        self._clock = clock
        self._resources: dict[str, Resource] = {}
        self._viewers: dict[str, int] = {}

    def routes(self) -> list[BaseRoute]:
        """Return what the application serves."""
        paths: dict[str, Callable[[Request], Awaitable[Response]]] = {
            "/whip": self.publish,
            "/whep": self.watch,
            "/whep/{session}": self.watch,
            "/whip/resource/{name}": self.change,
            "/whep/resource/{name}": self.change,
        }
        return [Route(path, endpoint, methods=METHODS) for path, endpoint in paths.items()]

    async def close(self) -> None:
        """End what is left when the server stops."""
        tasks = [r.task for r in self._resources.values() if r.task is not None]
        for resource in self._resources.values():
            resource.deleted.set()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def publish(self, request: Request) -> Response:
        """Take in a stream (WHIP): the answer, and where to end it."""

        @asynccontextmanager
        async def party(offer: str) -> AsyncGenerator[Party, None]:
            read_offer(offer)  # before anything is made for it
            async with self._calls.place() as call:
                peer = await self._calls.new_peer()
                call.lead(peer)
                logger.info("a stream comes in")
                yield peer

        return await self._create(request, "/whip", party)

    async def watch(self, request: Request) -> Response:
        """Let somebody watch a call (WHEP)."""

        @asynccontextmanager
        async def party(offer: str) -> AsyncGenerator[Party, None]:
            call = self._calls.find(request.path_params.get("session"))
            peer = call.peer
            if peer is None:
                raise CallError("That call has not begun yet.", "no-session")
            read_offer(offer)
            with self._seat(call):
                await self._calls.turnstile.turn()
                viewer = Viewer(peer, self._ice.issue(), self._clock)
                closing = asyncio.create_task(_end_with(call, viewer))
                try:
                    yield viewer
                finally:
                    closing.cancel()

        return await self._create(request, "/whep", party)

    async def change(self, request: Request) -> Response:
        """End a connection; adding addresses later is not offered, as all are in the answer."""
        if request.method == "OPTIONS":
            return Response(status_code=204)
        resource = self._resources.get(request.path_params["name"])
        if resource is None:
            return _sentence(404, "There is no such connection; it may have ended.")
        if request.method != "DELETE":
            return _sentence(405, "Put all addresses into the offer: none are added later.")
        resource.deleted.set()
        return Response(status_code=200)

    async def _create(
        self,
        request: Request,
        base: str,
        party: Callable[[str], contextlib.AbstractAsyncContextManager[Party]],
    ) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Accept-Post": SDP})
        if request.method != "POST":
            return _sentence(405, "An offer is sent by POST.")
        try:
            offer = await _read_body(request)
            resource, answer = await self._open(offer, party)
        except RequestError as error:
            return _sentence(error.status, str(error))
        except OfferError as error:
            return _sentence(400, str(error))
        except CallError as error:
            return _sentence(404 if error.code == "no-session" else 503, str(error))
        headers = {"Location": f"{base}/resource/{resource.name}", "ETag": f'"{resource.tag}"'}
        response = Response(answer, 201, headers, media_type=SDP)
        for server in self._ice.issue():
            response.headers.append("Link", server.as_link())
        return response

    async def _open(
        self, offer: str, party: Callable[[str], contextlib.AbstractAsyncContextManager[Party]]
    ) -> tuple[Resource, str]:
        """Run the connection in a task of its own; return with its answer.

        Raises:
            OfferError: the offer cannot be answered.
            CallError: there is no room, or nothing to watch.
        """
        resource = Resource(secrets.token_urlsafe(16))
        answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._resources[resource.name] = resource
        resource.task = asyncio.create_task(self._run(resource, offer, party, answered))
        return resource, await answered

    async def _run(
        self,
        resource: Resource,
        offer: str,
        party: Callable[[str], contextlib.AbstractAsyncContextManager[Party]],
        answered: asyncio.Future[str],
    ) -> None:
        try:
            async with party(offer) as one:
                try:
                    answered.set_result(await one.answer(offer))
                    await _until_over(one, resource)
                finally:
                    await one.close()
        except (OfferError, CallError) as error:
            answered.set_exception(error)
        except Exception as error:  # the edge of the task: nobody else would see it
            logger.exception("a connection over HTTP broke off")
            if not answered.done():
                answered.set_exception(error)
        finally:
            del self._resources[resource.name]
            logger.info("a connection over HTTP has ended")

    @contextlib.contextmanager
    def _seat(self, call: Call) -> Generator[None, None, None]:
        session = call.hello.session
        taken = self._viewers.get(session, 0)
        if taken >= VIEWERS:
            raise CallError(f"{VIEWERS} watch that call already; try again later.", "busy")
        self._viewers[session] = taken + 1
        try:
            yield
        finally:
            self._viewers[session] -= 1
            if not self._viewers[session]:
                del self._viewers[session]


async def _until_over(one: Party, resource: Resource) -> None:
    """Wait until the connection is deleted or ends, or until it should have come up and has not."""
    deleted = asyncio.create_task(resource.deleted.wait())
    try:
        over = {deleted, one.ended}
        done, _ = await asyncio.wait(
            over, timeout=CONNECT_WITHIN, return_when=asyncio.FIRST_COMPLETED
        )
        if not done and one.connected:
            await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
    finally:
        deleted.cancel()


async def _end_with(call: Call, viewer: Viewer) -> None:
    await call.ended.wait()
    await viewer.close()


async def _read_body(request: Request) -> str:
    """Return the body of a request, bounded in size and time."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != SDP:
        raise RequestError(415, f"The offer has to come as {SDP}.")

    async def read() -> bytes:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MAX_SDP:
                raise RequestError(413, f"An offer may be {MAX_SDP} bytes long at most.")
        return body

    try:
        return (await asyncio.wait_for(read(), BODY_WITHIN)).decode()
    except (asyncio.TimeoutError, TimeoutError) as error:
        raise RequestError(408, "The offer took too long to arrive.") from error
    except ClientDisconnect as error:
        raise RequestError(400, "The offer broke off.") from error  # which nobody hears
    except UnicodeDecodeError as error:
        raise RequestError(400, "The offer is not text.") from error


def _sentence(status: int, text: str) -> Response:
    headers = {"Retry-After": "10"} if status == 503 else None
    return Response(text + "\n", status, headers, media_type="text/plain")

"""Who may talk to the server: the page that it served itself, under a name that is its own."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SHARED = {
    "Access-Control-Allow-Methods": "GET, POST, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
    "Access-Control-Expose-Headers": "Location, Link, ETag, Accept-Post, Accept-Patch",
    "Access-Control-Max-Age": "600",
}
"""What a page of an allowed site may send here and read of the answer."""


def is_loopback(host: str) -> bool:
    """Tell whether ``host`` (a name or an address) is this machine and no other."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def refusal(
    host: str, origin: str | None, *, local: bool, allowed: Collection[str] = ()
) -> str | None:
    """Say why a request with these headers is refused; None lets it in.

    A page elsewhere can open a WebSocket to any address and the browser tells only its origin.
    ``local`` is for a server bound to loopback: a foreign name that was made to point there
    (DNS rebinding) would pass as the same origin, so only loopback's own names are served.
    ``allowed`` are the origins of other sites that the settings let in.
    """
    name = hostname(host)
    if local and not is_loopback(name):
        return f"This server answers to localhost, not to {name!r}."
    if origin is None or origin in allowed or _netloc(origin) == host:
        return None
    return f"Only the server's own page may connect, not one from {origin}."


def hostname(host: str) -> str:
    """Return the name in a Host header; "" where it is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _netloc(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


class OriginGuard:
    """Turns away HTTP requests and WebSockets that come from another site's page."""

    def __init__(self, app: ASGIApp, *, local: bool, allowed: Collection[str] = ()) -> None:
        self._app = app
        self._local = local
        self._allowed = frozenset(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403 with the reason."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        reason = refusal(host, origin, local=self._local, allowed=self._allowed)
        if reason is not None:
            await _refuse(reason, scope, receive, send)
            return
        if scope["type"] == "http" and origin in self._allowed:
            send = _shared(send, origin)
            if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
                await Response(status_code=204)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _shared(send: Send, origin: str) -> Send:
    """Let the page at ``origin`` read the answer."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update({**SHARED, "Access-Control-Allow-Origin": origin})
            headers.add_vary_header("Origin")
        await send(message)

    return sent


async def _refuse(reason: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket" and "websocket.http.response" not in scope["extensions"]:
        await send({"type": "websocket.close", "code": 1008, "reason": reason})
        return
    response = PlainTextResponse(reason + "\n", status_code=403)
    await response(scope, receive, send)

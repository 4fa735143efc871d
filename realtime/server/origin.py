"""Who may talk to the server: the page that it served itself, under a name that is its own."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send


def is_loopback(host: str) -> bool:
    """Tell whether ``host`` (a name or an address) is this machine and no other."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def refusal(host: str, origin: str | None, *, local: bool) -> str | None:
    """Say why a request with these headers is refused; None lets it in.

    A page elsewhere can open a WebSocket to any address and the browser tells only its origin.
    ``local`` is for a server bound to loopback: a foreign name that was made to point there
    (DNS rebinding) would pass as the same origin, so only loopback's own names are served.
    """
    name = urlsplit(f"//{host}").hostname or ""
    if local and not is_loopback(name):
        return f"This server answers to localhost, not to {name!r}."
    if origin is not None and urlsplit(origin).netloc != host:
        return f"Only the server's own page may connect, not one from {origin}."
    return None


class OriginGuard:
    """Turns away HTTP requests and WebSockets that come from another site's page."""

    def __init__(self, app: ASGIApp, *, local: bool) -> None:
        self._app = app
        self._local = local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403 with the reason."""
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            host, origin = headers.get("host", ""), headers.get("origin")
            reason = refusal(host, origin, local=self._local)
            if reason is not None:
                await _refuse(reason, scope, receive, send)
                return
        await self._app(scope, receive, send)


async def _refuse(reason: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket" and "websocket.http.response" not in scope["extensions"]:
        await send({"type": "websocket.close", "code": 1008, "reason": reason})
        return
    response = PlainTextResponse(reason + "\n", status_code=403)
    await response(scope, receive, send)

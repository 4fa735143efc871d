"""Who may use the server: whoever shows the token that was printed at its start."""

from __future__ import annotations

import re
from binascii import hexlify
from collections.abc import Callable
from urllib.parse import parse_qs, quote, urlencode

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from realtime.clock import MS, Clock
from realtime.config import ConfigError, ServerSettings
from realtime.server.attempts import Attempts
from realtime.server.secret import Secret, new_token, read_secret

PROTOCOL = "visavis.1"
"""The WebSocket subprotocol of page and scripts."""

TOKEN_PREFIX = "visavis.token."
"""How a page's WebSocket carries the token: a browser can give it no header, but subprotocols."""

TOKEN_VARIABLE = "VISAVIS_TOKEN"

TICKET = 3_600_000 * MS
"""How long an address with a ticket opens: an hour."""

POLICY_VIOLATION = 1008

MISSING = "This server wants its token: open the address that it printed when it started."
WRONG = "That token is not the server's: open the address that it printed when it last started."
TOO_OFTEN = "Too many wrong tokens came from this address; try again in a minute."


def token_for(settings: ServerSettings, *, exposed: bool) -> Secret | None:
    """Return the token that callers must show; None where nobody but this machine can call.

    Raises:
        ConfigError: the given token cannot be read, is too short, or has letters that do not fit.
    """
    token = read_secret("server.token_file", settings.token_file, TOKEN_VARIABLE)
    if token is not None and not re.fullmatch(r"[\w.~-]+", token.reveal(), re.ASCII):
        raise ConfigError("a token is made of letters, digits and - . _ ~")
    return token or (new_token() if exposed else None)


class Access:
    """Says whether a request may pass, and makes addresses that pass by themselves."""

    def __init__(self, token: Secret | None, clock: Clock) -> None:
        self._token = token
        self._clock = clock
        self._attempts = Attempts()

    def refusal(self, connection: HTTPConnection) -> tuple[int, str] | None:
        """Return a status and a sentence, or None to let it pass."""
        if self._token is None:
            return None
        address = connection.client.host if connection.client else ""
        now = self._clock.now()
        if self._attempts.wait(address, now):
            return 429, TOO_OFTEN
        if self._has_ticket(connection):
            return None
        given = token_of(connection)
        if given is None:
            return 401, MISSING
        if self._token.matches(given):
            return None
        self._attempts.fail(address, now)
        return 401, WRONG

    def ticketed(self, path: str) -> str:
        """Return ``path`` so that a plain link opens it for an hour; a link can show no token."""
        if self._token is None:
            return path
        until = str(self._clock.now() + TICKET)
        return f"{path}?{urlencode({'until': until, 'ticket': self._ticket(path, until)})}"

    def _has_ticket(self, connection: HTTPConnection) -> bool:
        if connection.scope["type"] != "http" or connection.scope["method"] not in ("GET", "HEAD"):
            return False
        query = parse_qs(connection.scope["query_string"].decode("latin-1"))
        until, ticket = query.get("until", [""])[0], query.get("ticket", [""])[0]
        if not until.isascii() or not until.isdecimal() or int(until[:24]) < self._clock.now():
            return False
        path = quote(connection.scope["path"])
        return Secret(self._ticket(path, until)).matches(ticket)

    def _ticket(self, path: str, until: str) -> str:
        assert self._token is not None
        return hexlify(self._token.sign(f"{until} {path}", "sha256")).decode()


def token_of(connection: HTTPConnection) -> str | None:
    """Return the token that a request shows, in its header or among its subprotocols."""
    scheme, _, word = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return word.strip()
    for protocol in connection.scope.get("subprotocols", ()):
        if protocol.startswith(TOKEN_PREFIX):
            return str(protocol).removeprefix(TOKEN_PREFIX)
    return None


class TokenGuard:
    """Turns away what may not pass; ``is_open`` names the paths that need no token."""

    def __init__(self, app: ASGIApp, *, access: Access, is_open: Callable[[str], bool]) -> None:
        self._app = app
        self._access = access
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer with the reason."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "http" and (
            scope["method"] == "OPTIONS" or self._is_open(scope["path"])
        ):
            await self._app(scope, receive, send)
            return
        refusal = self._access.refusal(HTTPConnection(scope))
        if scope["type"] == "websocket":
            send = _choosing(scope, send)
            if refusal is not None:
                await _explain(refusal[1], WebSocket(scope, receive, send))
                return
        elif refusal is not None:
            await _refuse(*refusal, scope, receive, send)
            return
        await self._app(scope, receive, send)


def _choosing(scope: Scope, send: Send) -> Send:
    """Answer a WebSocket with our subprotocol where it is offered: browsers insist on one."""
    offered = scope.get("subprotocols", [])
    # What comes later neither needs the token nor may log it.
    scope["subprotocols"] = [name for name in offered if not name.startswith(TOKEN_PREFIX)]

    async def sent(message: Message) -> None:
        if message["type"] == "websocket.accept" and PROTOCOL in offered:
            message = {**message, "subprotocol": PROTOCOL}
        await send(message)

    return sent


async def _explain(sentence: str, socket: WebSocket) -> None:
    """Refuse by a message: a page's script never sees the status of a refused WebSocket."""
    await socket.accept()
    await socket.send_json({"type": "error", "message": sentence, "final": True, "code": "token"})
    await socket.close(POLICY_VIOLATION)


async def _refuse(status: int, sentence: str, scope: Scope, receive: Receive, send: Send) -> None:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {"Retry-After": "60"}
    await PlainTextResponse(sentence + "\n", status, headers)(scope, receive, send)

"""A running server as a command sees it: where it is, what it says, and why it does not answer."""

from __future__ import annotations

import json
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, quote, urlsplit

from realtime.commands.errors import CommandError, Exit

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

ADDRESS = "http://127.0.0.1:8080"
TOKEN_VARIABLE = "VISAVIS_TOKEN"
PATIENCE = 5.0
"""Seconds that a server may take to answer."""

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Remote:
    """A server's address and what it wants to be shown.

    Attributes:
        host: name or address with the port.
        secure: it speaks TLS.
        token: what it printed at its start; None on the machine itself.
        trust: a certificate in PEM to trust beside those that the machine trusts.
    """

    host: str
    secure: bool
    token: str | None = None
    trust: Path | None = None

    @classmethod
    def of(cls, address: str, token: str | None, trust: Path | None) -> Remote:
        """Read an address such as ``visavis serve`` prints it, token and all.

        Raises:
            CommandError: it is none.
        """
        parts = urlsplit(address if "://" in address else f"ws://{address}")
        if parts.scheme not in ("ws", "wss", "http", "https") or not parts.hostname:
            raise CommandError(f"{address!r} is not like {ADDRESS}", Exit.USAGE)
        carried = parse_qs(parts.fragment).get("token", [None])[0]
        known = token or carried or os.environ.get(TOKEN_VARIABLE)
        host = parts.netloc.rpartition("@")[2]
        return cls(host, parts.scheme in ("wss", "https"), known, trust or _own_certificate())

    @contextmanager
    def control(self, session: str | None) -> Generator[Line, None, None]:
        """Yield a line to that session, or to the only one.

        Raises:
            CommandError: there is no server, or it refuses.
        """
        from websockets.exceptions import InvalidHandshake, InvalidURI
        from websockets.sync.client import connect

        query = "" if session is None else f"?session={quote(session, safe='')}"
        url = f"{'wss' if self.secure else 'ws'}://{self.host}/control{query}"
        try:
            socket = connect(
                url,
                additional_headers=self._headers(),
                open_timeout=PATIENCE,
                ssl=self._context(),
                proxy=None,
            )
        except (OSError, InvalidHandshake, InvalidURI) as error:
            raise self._unreached(error) from error
        with socket:
            yield Line(socket)

    def sessions(self) -> list[Message]:
        """Return the calls that run.

        Raises:
            CommandError: there is no server, or it refuses.
        """
        url = f"{'https' if self.secure else 'http'}://{self.host}/sessions"
        request = urllib.request.Request(url, headers=self._headers())
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self._context())
        )
        try:
            with opener.open(request, timeout=PATIENCE) as response:
                return cast("list[Message]", json.load(response)["sessions"])
        except urllib.error.HTTPError as error:
            with error:
                said = error.read(1000).decode("utf-8", "replace").strip()
            raise CommandError(said or str(error), Exit.USAGE) from error
        except (OSError, ValueError, KeyError) as error:
            raise self._unreached(error) from error

    def _headers(self) -> dict[str, str]:
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}

    def _context(self) -> ssl.SSLContext | None:
        if not self.secure:
            return None
        context = ssl.create_default_context()
        if self.trust is not None:
            try:
                context.load_verify_locations(self.trust)
            except OSError as error:
                raise CommandError(f"{self.trust}: no certificate in PEM", Exit.USAGE) from error
        return context

    def _unreached(self, error: Exception) -> CommandError:
        cause = getattr(error, "reason", None) or error
        if isinstance(cause, ssl.SSLCertVerificationError):
            reason = f"{self.host} shows a certificate that is not trusted (--trust CERT.pem)"
        elif isinstance(cause, ConnectionRefusedError):
            reason = f"no server answers at {self.host}; visavis serve starts one"
        elif isinstance(cause, TimeoutError):
            reason = f"{self.host} did not answer within {PATIENCE:g} s"
        else:
            reason = f"{self.host} cannot be reached: {cause}"
        return CommandError(reason, Exit.NO_DEVICE)


class Line:
    """Requests out, replies in. A reply that refuses ends it with one sentence."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    def say(self, request: Message) -> None:
        """Send a request."""
        from websockets.exceptions import ConnectionClosed

        try:
            self._socket.send(json.dumps(request))
        except ConnectionClosed:
            return  # why it was closed stands among the replies

    def replies(self, patience: float | None = PATIENCE) -> Iterator[Message]:
        """Yield what the server says, until it closes.

        Raises:
            CommandError: it refused something, ended the talk, or fell silent.
        """
        from websockets.exceptions import ConnectionClosed

        while True:
            try:
                reply = cast("Message", json.loads(self._socket.recv(patience)))
            except TimeoutError as error:
                raise CommandError("the server fell silent", Exit.NO_DEVICE) from error
            except ConnectionClosed as error:
                raise CommandError("the server closed the line", Exit.NO_DEVICE) from error
            if reply["type"] == "error":
                raise CommandError(reply["message"], _code_of(reply))
            yield reply


def _code_of(reply: Message) -> Exit:
    """Tell wrong usage from something that is not there."""
    missing = ("no-session", "ended", "busy")
    return Exit.NO_DEVICE if reply.get("code") in missing else Exit.USAGE


def _own_certificate() -> Path | None:
    """Return the certificate that this machine made for itself, if there is one."""
    from realtime.server.certificate import state_folder

    path = state_folder() / "cert.pem"
    return path if path.is_file() else None

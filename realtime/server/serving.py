"""Listening: the socket is opened first, so that a taken port is one clear error."""

from __future__ import annotations

import asyncio
import logging
import socket

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from realtime.config import ServerSettings
from realtime.server.certificate import Tls
from realtime.server.messages import MAX_MESSAGE

HARD_LIMIT = 4 * MAX_MESSAGE
"""Bytes at which the connection itself is ended. Up to there a long message is only refused."""

HEADERS_LIMIT = 16_384
"""Bytes of a request's head."""

HEADERS_WITHIN = 10.0
"""Seconds that a connection may take to bring a request's head before it is ended."""

CONNECTIONS = 256
"""Connections that have not become a WebSocket; one more is closed at once."""

GRACE = 5
"""Seconds that calls get to end when the server stops."""

PING_EVERY = 10
"""Seconds between two pings of a WebSocket. One that answers none for as long is gone: a page that
lost its network frees its place within 20 s."""

DISCREET = {"websockets": logging.INFO, "uvicorn": logging.WARNING, "aiortc": logging.INFO}
"""Below these levels the libraries write out headers, query strings and session descriptions, and
so tokens, sessions' ids and passwords."""

PROXY = "127.0.0.1"
"""Where a TLS proxy runs: its word for who is calling is taken, nobody else's."""


class BoundedHttp(H11Protocol):
    """HTTP that ends connections which bring nothing, and takes in no more than it can hold."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection in, or close it."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            transport.abort()
            return
        self._wait_for_head()

    def on_response_complete(self) -> None:
        """Wait for the next request of a connection that is kept."""
        super().on_response_complete()
        self._wait_for_head()

    def _wait_for_head(self) -> None:
        self.loop.call_later(HEADERS_WITHIN, self._end_if_idle, self.cycle)

    def _end_if_idle(self, cycle: object) -> None:
        """Close when no request has come since; a WebSocket is no longer among the connections."""
        if self.cycle is cycle and self in self.connections:
            self.transport.close()


def listen(settings: ServerSettings) -> socket.socket:
    """Return a listening socket.

    Raises:
        OSError: the address cannot be had.
    """
    family, kind, proto, _, address = socket.getaddrinfo(
        settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, proto)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(64)
    except OSError:
        listener.close()
        raise
    return listener


def new_server(
    app: ASGIApp, tls: Tls | None = None, *, behind_proxy: bool = False
) -> uvicorn.Server:
    """Return a server for ``app`` that logs only what goes wrong."""
    for name, least in DISCREET.items():
        logging.getLogger(name).setLevel(least)
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=BoundedHttp,
            ws="websockets-sansio",
            ws_max_size=HARD_LIMIT,
            ws_per_message_deflate=False,  # small messages, on purpose sent at once
            ws_ping_interval=PING_EVERY,
            ws_ping_timeout=PING_EVERY,
            h11_max_incomplete_event_size=HEADERS_LIMIT,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
            proxy_headers=behind_proxy,
            forwarded_allow_ips=PROXY,
            ssl_certfile=None if tls is None else str(tls.cert),
            ssl_keyfile=None if tls is None else str(tls.key),
        )
    )

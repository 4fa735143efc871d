"""Listening: the socket is opened first, so that a taken port is one clear error."""

from __future__ import annotations

import socket

import uvicorn
from starlette.types import ASGIApp

from realtime.config import ServerSettings
from realtime.server.messages import MAX_MESSAGE

HARD_LIMIT = 4 * MAX_MESSAGE
"""Bytes at which the connection itself is ended. Up to there a long message is only refused."""

GRACE = 5
"""Seconds that calls get to end when the server stops."""


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


def new_server(app: ASGIApp) -> uvicorn.Server:
    """Return a server for ``app`` that logs only what goes wrong."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            ws="websockets-sansio",
            ws_max_size=HARD_LIMIT,
            ws_per_message_deflate=False,  # small messages, on purpose sent at once
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
    )

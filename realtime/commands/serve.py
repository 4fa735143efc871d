"""``visavis serve``: the page, calls over WebRTC, and the address to open."""

from __future__ import annotations

import argparse
import errno
import socket
from dataclasses import replace
from functools import partial

from realtime.commands import Subparsers
from realtime.commands.errors import CommandError, Exit
from realtime.config import Config, ServerSettings


def add_parser(subparsers: Subparsers) -> None:
    """Add the subcommand and its options."""
    parser = subparsers.add_parser(
        "serve", help="start the server and its web page, for calls in the browser"
    )
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, help="TCP port; 0 takes a free one (default: 8080)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, config: Config) -> int:
    """Serve until interrupted."""
    from realtime.build import build_filter
    from realtime.clock import SystemClock
    from realtime.server.app import create_app
    from realtime.server.origin import is_loopback
    from realtime.server.serving import listen, new_server

    settings = _settings(args, config.server)
    config = replace(config, server=settings)
    try:
        listener = listen(settings)
    except OSError as error:
        raise CommandError(_refusal(settings, error), Exit.NO_DEVICE) from error
    with listener:
        clock = SystemClock()
        app = create_app(config, partial(build_filter, config.filter, clock), clock)
        print(f"Open {_address(listener, settings.host)} in a browser; Ctrl-C ends.", flush=True)
        if not is_loopback(settings.host):
            print(
                "Other machines can reach this server, but their browsers give a camera to https"
                " pages only: put a TLS proxy in front, or open the page on this machine.",
                flush=True,
            )
        new_server(app).run(sockets=[listener])
    return Exit.FINE


def _settings(args: argparse.Namespace, settings: ServerSettings) -> ServerSettings:
    host = settings.host if args.host is None else args.host
    port = settings.port if args.port is None else args.port
    if not 0 <= port <= 65_535:
        raise CommandError(f"--port must be 0 to 65535, not {port}", Exit.USAGE)
    return replace(settings, host=host, port=port)


def _refusal(settings: ServerSettings, error: OSError) -> str:
    """Say what stands in the way, and what to try."""
    where = f"{settings.host} port {settings.port}"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is in use by another program; choose another with --port"
    return f"cannot listen on {where}: {error.strerror or error}"


def _address(listener: socket.socket, host: str) -> str:
    """Return the URL that opens the page on this machine."""
    port: int = listener.getsockname()[1]
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)
    if ":" in name and not name.startswith("["):
        name = f"[{name}]"
    return f"http://{name}:{port}/"

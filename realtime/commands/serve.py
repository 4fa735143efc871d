"""``visavis serve``: the page, calls over WebRTC, and the address to open."""

from __future__ import annotations

import argparse
import errno
import socket
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from realtime.commands import Subparsers
from realtime.commands.errors import CommandError, Exit
from realtime.commands.generator_options import add_generator_options, generating
from realtime.commands.osc_options import add_osc_options, opened
from realtime.commands.voice_options import add_voice_options, follow_of
from realtime.config import Config, ServerSettings
from realtime.logs import add_log_option

if TYPE_CHECKING:
    from realtime.server.certificate import Tls
    from realtime.server.secret import Secret

ANY = {"0.0.0.0", "::", ""}
"""Hosts that mean every address of this machine."""


def add_parser(subparsers: Subparsers) -> None:
    """Add the subcommand and its options."""
    parser = subparsers.add_parser(
        "serve", help="start the server and its web page, for calls in the browser"
    )
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, help="TCP port; 0 takes a free one (default: 8080)")
    parser.add_argument("--tls-cert", type=Path, metavar="F", help="certificate chain in PEM")
    parser.add_argument("--tls-key", type=Path, metavar="F", help="its private key in PEM")
    parser.add_argument(
        "--self-signed", action="store_true", help="https with a certificate made on this machine"
    )
    parser.add_argument(
        "--insecure-behind-proxy",
        action="store_true",
        help="plain http, for a proxy on this machine that speaks TLS to the world",
    )
    add_generator_options(parser)
    add_voice_options(parser)
    add_osc_options(parser)
    add_log_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, config: Config) -> int:
    """Serve until interrupted."""
    from realtime.build import begin_early
    from realtime.heap import few_arenas
    from realtime.server.origin import is_loopback

    few_arenas()
    settings = _settings(args, config.server)
    config = replace(config, server=settings, voice=follow_of(args, config))
    behind_proxy = bool(args.insecure_behind_proxy)
    exposed = behind_proxy or not is_loopback(settings.host)
    tls = _tls(args, settings)
    if exposed and tls is None and not behind_proxy:
        raise CommandError(
            f"--host {settings.host} lets other machines in, which needs TLS: add --self-signed,"
            " or --tls-cert F --tls-key F, or --insecure-behind-proxy behind a proxy that has it",
            Exit.USAGE,
        )
    config = replace(config, filter=generating(args, config.filter))
    begin_early(config.filter)  # beside all that is imported below
    return _serve(args, config, tls, exposed=exposed)


def _serve(args: argparse.Namespace, config: Config, tls: Tls | None, *, exposed: bool) -> int:
    from realtime.build import live_filter, open_voice
    from realtime.clock import SystemClock
    from realtime.server.access import token_for
    from realtime.server.app import create_app
    from realtime.server.gate import Gate
    from realtime.server.serving import listen, new_server

    settings = config.server
    token = token_for(settings, exposed=exposed)
    clock = SystemClock()
    gate = replace(Gate.of(config, clock, token), local=not exposed)
    try:
        listener = listen(settings)
    except OSError as error:
        raise CommandError(_refusal(settings, error), Exit.NO_DEVICE) from error
    with listener, opened(args, config.osc, clock) as osc:
        build = partial(live_filter, config.filter, clock)
        app = create_app(config, build, clock, gate, osc, open_voice)
        _welcome(_address(listener, settings.host, tls, token), args, tls)
        new_server(app, tls, behind_proxy=args.insecure_behind_proxy).run(sockets=[listener])
    return Exit.FINE


def _settings(args: argparse.Namespace, settings: ServerSettings) -> ServerSettings:
    host = settings.host if args.host is None else args.host
    port = settings.port if args.port is None else args.port
    if not 0 <= port <= 65_535:
        raise CommandError(f"--port must be 0 to 65535, not {port}", Exit.USAGE)
    cert = settings.tls_cert if args.tls_cert is None else str(args.tls_cert)
    key = settings.tls_key if args.tls_key is None else str(args.tls_key)
    if (cert is None) != (key is None):
        raise CommandError("a certificate and its key come together", Exit.USAGE)
    if cert is not None and args.self_signed:
        raise CommandError("--self-signed makes a certificate; one is given already", Exit.USAGE)
    return replace(settings, host=host, port=port, tls_cert=cert, tls_key=key)


def _tls(args: argparse.Namespace, settings: ServerSettings) -> Tls | None:
    """Return certificate and key: those given, or our own, or none."""
    from realtime.server.certificate import given, own_names, self_signed, state_folder

    if settings.tls_cert is not None and settings.tls_key is not None:
        return given(settings.tls_cert, settings.tls_key)
    if not args.self_signed:
        return None
    from realtime.server.webrtc import host_addresses

    names = own_names(host_addresses(use_ipv4=True, use_ipv6=True))
    folder = state_folder()
    try:
        return self_signed(folder, names | ({settings.host} - ANY))
    except OSError as error:
        reason = f"the certificate cannot be kept in {folder}: {error.strerror or error}"
        raise CommandError(reason, Exit.UNWRITABLE) from error


def _refusal(settings: ServerSettings, error: OSError) -> str:
    """Say what stands in the way, and what to try."""
    where = f"{settings.host} port {settings.port}"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is in use by another program; choose another with --port"
    return f"cannot listen on {where}: {error.strerror or error}"


def _address(listener: socket.socket, host: str, tls: Tls | None, token: Secret | None) -> str:
    """Return the URL that opens the page; what follows its # stays in the browser."""
    port: int = listener.getsockname()[1]
    name = _reachable() if host in ANY else host
    if ":" in name and not name.startswith("["):
        name = f"[{name}]"
    fragment = "" if token is None else f"#token={token.reveal()}"
    return f"{'http' if tls is None else 'https'}://{name}:{port}/{fragment}"


def _reachable() -> str:
    """Return the address under which other machines most likely see this one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # reserved for documentation; nothing is sent
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _welcome(address: str, args: argparse.Namespace, tls: Tls | None) -> None:
    print(f"Open {address} in a browser; Ctrl-C ends.", flush=True)
    if args.insecure_behind_proxy:
        print("The proxy speaks https to the world; keep what follows the /.", flush=True)
    if tls is not None and args.self_signed:
        print(
            "The certificate is this machine's own, so a browser warns once. It is the right one if"
            f" the browser shows this SHA-256 fingerprint: {tls.fingerprint}",
            flush=True,
        )

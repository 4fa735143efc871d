"""The options by which a command that runs for long is told to speak OSC."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from realtime.clock import Clock
from realtime.commands.errors import CommandError, Exit
from realtime.config import OscSettings

if TYPE_CHECKING:
    from realtime.osc.settings import OscPorts


def add_osc_options(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    group = parser.add_argument_group("avatars and stage programs (OSC)")
    group.add_argument("--osc-in", metavar="HOST:PORT", help="hear edits and coefficients here")
    group.add_argument(
        "--osc-out", metavar="HOST:PORT", help="tell what the face shows, in the VMC protocol"
    )


@contextmanager
def opened(
    args: argparse.Namespace, settings: OscSettings, clock: Clock
) -> Generator[OscPorts, None, None]:
    """Yield the sockets that command line and settings ask for, which may be none.

    Raises:
        CommandError: an address cannot be had.
    """
    from realtime.osc.settings import OscPorts

    listen = settings.listen if args.osc_in is None else args.osc_in
    send = settings.send if args.osc_out is None else args.osc_out
    try:
        ports = OscPorts(replace(settings, listen=listen, send=send), clock)
    except OSError as error:
        where = f"{listen} or {send}" if listen and send else listen or send
        reason = f"OSC at {where}: {error.strerror or error}"
        raise CommandError(reason, Exit.NO_DEVICE) from error
    try:
        yield ports
    finally:
        ports.close()

"""From addresses in the settings to open sockets; what cannot be is said at the start."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import ExitStack
from ipaddress import ip_address

from realtime.clock import Clock
from realtime.config import ConfigError, OscSettings
from realtime.osc.orders import Order
from realtime.osc.performer import Performer
from realtime.osc.ports import Listener, Sender, bound


class OscPorts:
    """The sockets of the settings: opened at once, so that a taken port is an error at the start.

    Raises:
        ConfigError: an address cannot be, or is for others to reach without leave.
        OSError: it cannot be had.
    """

    def __init__(self, settings: OscSettings, clock: Clock) -> None:
        self._clock = clock
        self._capitals = settings.capitals
        self._stack = ExitStack()
        self._heard: socket.socket | None = None
        self.sender: Sender | None = None
        self.listener: Listener | None = None
        if settings.listen is not None:
            host, port = address_of("osc.listen", settings.listen)
            if not settings.anyone and not _is_own(host):
                raise ConfigError(
                    f"osc.listen: whoever reaches {host} could move the face, for OSC knows no"
                    " password; osc.anyone = true allows it"
                )
            self._heard = bound(host, port)
            self._stack.callback(self._heard.close)
        if settings.send is not None:
            self.sender = Sender(*address_of("osc.send", settings.send))
            self._stack.callback(self.sender.close)

    @property
    def heard_at(self) -> tuple[str, int] | None:
        """Where is listened; None for nowhere."""
        return None if self._heard is None else self._heard.getsockname()[:2]

    def performers(self, on: Callable[[], bool] = lambda: True) -> list[Performer]:
        """Return the sink that tells what the face shows while ``on``, where that is asked for."""
        if self.sender is None:
            return []
        return [Performer(self.sender, on, capitals=self._capitals)]

    def obeyed_by(self, obey: Callable[[Order], object]) -> None:
        """Begin to listen; ``obey`` is called on a thread of its own."""
        if self._heard is not None:
            self.listener = Listener(self._heard, obey, self._clock)
            self._stack.enter_context(self.listener)

    def close(self) -> None:
        """Stop, and close the sockets; idempotent."""
        self._stack.close()


def address_of(name: str, text: str) -> tuple[str, int]:
    """Return host and port of HOST:PORT.

    Raises:
        ConfigError: ``text`` is not like that.
    """
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise ConfigError(f"{name}: {text!r} is not like 127.0.0.1:9000")
    return host.strip("[]"), int(port)


def _is_own(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

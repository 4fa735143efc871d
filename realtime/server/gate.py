"""What stands between the network and the application, in the order in which a request meets it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.middleware import Middleware

from realtime.clock import Clock
from realtime.config import Config, IceSettings
from realtime.server.access import Access, TokenGuard
from realtime.server.ice import IceServers
from realtime.server.origin import OriginGuard, is_loopback
from realtime.server.secret import Secret


@dataclass(frozen=True, slots=True)
class Gate:
    """Who is let in, and by which servers their pictures find the way.

    Attributes:
        local: only this machine's own names are answered to.
        origins: other sites whose pages are let in.
        access: who has shown the token.
        ice: STUN and TURN servers.
    """

    local: bool
    origins: tuple[str, ...]
    access: Access
    ice: IceServers

    @classmethod
    def of(cls, config: Config, clock: Clock, token: Secret | None = None) -> Gate:
        """Return the gate that the settings ask for, for a server that is not behind a proxy."""
        ice = IceServers.of(config.ice if config.ice.servers else IceSettings())
        server = config.server
        return cls(is_loopback(server.host), server.origins, Access(token, clock), ice)

    def guards(self, is_open: Callable[[str], bool]) -> list[Middleware]:
        """Return the middleware; ``is_open`` names the paths that need no token."""
        return [
            Middleware(OriginGuard, local=self.local, allowed=self.origins),
            Middleware(TokenGuard, access=self.access, is_open=is_open),
        ]

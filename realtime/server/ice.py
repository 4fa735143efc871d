"""STUN and TURN servers as a call is told them, with credentials that soon run out."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone

from realtime.config import ConfigError, IceSettings
from realtime.server.secret import Secret, read_secret

SECRET_VARIABLE = "VISAVIS_TURN_SECRET"
ADDRESS = re.compile(r"(stun|stuns|turn|turns):[^\s?:]+(:\d+)?(\?transport=(udp|tcp))?")


@dataclass(frozen=True, slots=True)
class IceServer:
    """One server.

    Attributes:
        url: its address, as ``stun:name:port`` or ``turn:name:port?transport=udp``.
        username: for TURN, until when the credential holds (Unix time) and for whom.
        credential: for TURN, the password that goes with it.
    """

    url: str
    username: str | None = None
    credential: str | None = field(default=None, repr=False)

    def as_message(self) -> dict[str, str]:
        """Return it as browsers take it in RTCConfiguration."""
        if self.username is None or self.credential is None:
            return {"urls": self.url}
        return {"urls": self.url, "username": self.username, "credential": self.credential}

    def as_link(self) -> str:
        """Return it as the value of an HTTP Link header (RFC 9725, section 4.6)."""
        link = f'<{self.url}>; rel="ice-server"'
        if self.username is None or self.credential is None:
            return link
        return (
            f'{link}; username="{self.username}"; credential="{self.credential}"; '
            'credential-type="password"'
        )


def unix_time() -> int:
    """Return the seconds since 1970, by which TURN servers judge a credential."""
    return int(datetime.now(timezone.utc).timestamp())


class IceServers:
    """The servers of the settings; each call gets credentials of its own."""

    def __init__(
        self, settings: IceSettings, secret: Secret | None, now: Callable[[], int] = unix_time
    ) -> None:
        self._settings = settings
        self._secret = secret
        self._now = now

    @classmethod
    def of(cls, settings: IceSettings) -> IceServers:
        """Return the servers, having read the secret.

        Raises:
            ConfigError: an address cannot be, or TURN has no secret.
        """
        for url in settings.servers:
            if not ADDRESS.fullmatch(url):
                raise ConfigError(
                    f"ice.servers: {url!r} is not like stun:name:3478 or"
                    " turn:name:3478?transport=udp"
                )
        secret = read_secret("ice.secret_file", settings.secret_file, SECRET_VARIABLE)
        if secret is None and any(url.startswith("turn") for url in settings.servers):
            raise ConfigError(f"a TURN server needs ice.secret_file or {SECRET_VARIABLE}")
        return cls(settings, secret)

    def issue(self) -> tuple[IceServer, ...]:
        """Return the servers for one call, from now for as long as the settings say."""
        return tuple(self._issue(url) for url in self._settings.servers)

    def _issue(self, url: str) -> IceServer:
        if self._secret is None or not url.startswith("turn"):
            return IceServer(url)
        until = self._now() + round(self._settings.minutes * 60)
        name = f"{until}:{self._settings.user}"
        return IceServer(url, name, b64encode(self._secret.sign(name, "sha1")).decode())

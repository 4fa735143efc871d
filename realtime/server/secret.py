"""Words that must not be seen: tokens and shared secrets, read from a file or the environment."""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from realtime.config import ConfigError

SHORTEST = 16
"""Characters; what is shorter can be guessed."""


class Secret:
    """A text that shows itself only when asked: not in a log, a trace or a settings' print."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret(...)"

    def matches(self, given: str) -> bool:
        """Compare in a time that does not tell how much of ``given`` was right."""
        return hmac.compare_digest(self._text.encode(), given.encode("utf-8", "replace"))

    def sign(self, message: str, digest: str) -> bytes:
        """Return the HMAC of ``message`` with this text as the key."""
        return hmac.digest(self._text.encode(), message.encode(), digest)

    def reveal(self) -> str:
        """Return the text."""
        return self._text


def new_token() -> Secret:
    """Return a token that nobody guesses."""
    return Secret(secrets.token_urlsafe(24))


def read_secret(
    setting: str, file: str | None, variable: str, environment: Mapping[str, str] = os.environ
) -> Secret | None:
    """Return the secret of ``file``, else of the environment's ``variable``, else None.

    Raises:
        ConfigError: the file cannot be read, or the text is too short or would not fit a header.
    """
    if file is None:
        text, source = environment.get(variable), variable
    else:
        text, source = _first_line(setting, file), f"{setting} {file}"
    if text is None:
        return None
    if len(text) < SHORTEST or not text.isascii() or not text.isprintable() or " " in text:
        raise ConfigError(f"{source} needs {SHORTEST} or more letters and digits without a space")
    return Secret(text)


def _first_line(setting: str, file: str) -> str:
    try:
        return Path(file).expanduser().read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not text"
        raise ConfigError(f"{setting}: {file}: {reason}") from error

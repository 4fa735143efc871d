"""Sound devices that come and go: each is looked after, and opened again when it is back."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from realtime.sound.devices import SoundError

logger = logging.getLogger(__name__)

LOOK_S = 0.5
"""How often the devices are looked after."""

BACKOFF_S = (0.5, 0.5, 1.0, 2.0)
"""Pauses between attempts to open what is away; the last one is repeated."""


class Link(Protocol):
    """A sound device in use, or one that is hoped for."""

    @property
    def title(self) -> str:
        """What to call it before the user, as in "microphone pulse"."""
        ...

    @property
    def alive(self) -> bool:
        """Whether it is open and sound moves."""
        ...

    def open(self) -> None:
        """Open it.

        Raises:
            SoundError: it is not there, or cannot be opened.
        """
        ...

    def close(self) -> None:
        """Let go of it; idempotent."""
        ...


class Keeper:
    """Opens the links, and opens them again for as long as it is entered; none waits for another.

    PortAudio sees a device that was plugged in only after a restart, which ends every stream. So
    where one is away, all are closed for a moment: the sound between them is cut anyway.
    """

    def __init__(
        self,
        links: Sequence[Link],
        refresh: Callable[[], None],
        *,
        look_s: float = LOOK_S,
        backoff_s: tuple[float, ...] = BACKOFF_S,
    ) -> None:
        self._links = links
        self._refresh = refresh
        self._look_s = look_s
        self._backoff_s = backoff_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sound", daemon=True)
        self._away: set[str] = set()
        self.losses = 0

    def __enter__(self) -> Keeper:
        self._open()
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._thread.join(5)
        self._close()

    def _run(self) -> None:
        attempt = 0
        while not self._stop.wait(self._pause(attempt)):
            attempt = 0 if self.look() else attempt + 1

    def look(self) -> bool:
        """Look after the devices once; tell whether all are well."""
        if all(link.alive for link in self._links):
            return True
        for link in self._links:
            if not link.alive and link.title not in self._away:
                self.losses += 1
                self._note_away(link, "no sound comes or goes")
        self._close()
        self._refresh()
        return self._open()

    def _pause(self, attempt: int) -> float:
        if not attempt:
            return self._look_s
        return self._backoff_s[min(attempt, len(self._backoff_s)) - 1]

    def _open(self) -> bool:
        for link in self._links:
            try:
                link.open()
            except SoundError as error:
                self._note_away(link, str(error))
                continue
            if link.title in self._away:
                self._away.discard(link.title)
                logger.warning("%s is back", link.title)
        return not self._away

    def _close(self) -> None:
        for link in self._links:
            link.close()

    def _note_away(self, link: Link, reason: str) -> None:
        if link.title not in self._away:
            self._away.add(link.title)
            logger.warning("%s is not there (%s); waiting", link.title, reason)

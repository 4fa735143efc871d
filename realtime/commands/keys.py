"""Single keys of the terminal, while a command runs; without a terminal nothing happens."""

from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

WAIT_S = 0.2
"""How long the end of the command may be noticed late."""


class Keys:
    """Calls what belongs to a key as soon as it is pressed, on a thread of its own.

    Ctrl-C stays what it is. The terminal is as before once the block ends. Where there is no
    terminal of the POSIX kind, ``on`` is false.
    """

    def __init__(self, actions: Mapping[str, Callable[[], None]], fd: int | None = None) -> None:
        self._actions = actions
        self._fd = _terminal() if fd is None else fd
        self._before: list[Any] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, name="keys", daemon=True)

    @property
    def on(self) -> bool:
        """Whether keys are read."""
        return self._before is not None

    def __enter__(self) -> Keys:
        if self._fd is not None and sys.platform != "win32":
            import termios
            import tty

            self._before = termios.tcgetattr(self._fd)
            tty.setcbreak(self._fd)
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._fd is not None and self._before is not None and sys.platform != "win32":
            import termios

            self._stop.set()
            self._thread.join()
            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)
            self._before = None

    def _read(self) -> None:
        assert self._fd is not None
        while not self._stop.is_set():
            ready, _, _ = select.select([self._fd], [], [], WAIT_S)
            if not ready:
                continue
            pressed = os.read(self._fd, 16)
            if not pressed:  # the terminal is gone
                return
            for key in pressed.decode("utf-8", "ignore").lower():
                if (action := self._actions.get(key)) is not None:
                    action()


def _terminal() -> int | None:
    """Return the terminal's number, if someone can type there."""
    try:
        return sys.stdin.fileno() if sys.stdin.isatty() else None
    except (AttributeError, OSError, ValueError):  # there is no standard input, or not a file
        return None

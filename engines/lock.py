"""A lock between processes that a crash cannot leave behind: the system frees it with the file."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _hold(handle: int) -> None:
        while True:
            try:
                msvcrt.locking(handle, msvcrt.LK_LOCK, 1)  # gives up after ten seconds
            except OSError:
                continue
            return
else:
    import fcntl

    def _hold(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold ``path`` alone; whoever else wants it waits. The empty file stays."""
    with path.open("a+b") as file:
        _hold(file.fileno())
        yield

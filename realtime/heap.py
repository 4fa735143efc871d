"""What the C library keeps of memory, and how it is made to keep less. glibc alone; else nothing.

Pictures come and go by the megabyte on many threads. Left to itself, glibc gives each thread a pool
of its own, and a pool keeps what its worst moment took.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from functools import cache
from pathlib import Path
from typing import Any

ARENA_MAX = -8
"""glibc's number for the greatest number of pools."""

ARENAS = 2
"""As many as there are threads that are ever busy with memory at once: the loop's and the filter's.
One call then takes a fifth less."""

DONTNEED = 4
"""Linux's number for pages that may be dropped."""


def few_arenas() -> None:
    """Let all threads share two pools; before there are threads."""
    library = _glibc()
    if library is not None:
        library.mallopt(ARENA_MAX, ARENAS)


def give_back() -> None:
    """Return what is free to the system; a few milliseconds, in which other threads go on."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


def settle() -> None:
    """Prepare a process for being forked: what it has now stays shared with its children.

    The collector would write a mark into each object, and the page would no longer be shared.
    """
    gc.collect()
    gc.freeze()
    give_back()


def leave_code(library: str) -> None:
    """Let go of the code of ``library`` that is in memory; what runs again is read again.

    A compiler that has done its work is tens of megabytes. Only pages that are as in the file are
    dropped.
    """
    if _glibc() is None or not Path("/proc/self/smaps").exists():
        return
    for start, size in _unchanged(library):
        _glibc().madvise(ctypes.c_void_p(start), ctypes.c_size_t(size), DONTNEED)


def _unchanged(library: str) -> list[tuple[int, int]]:
    """Return first address and size of each mapping of ``library`` that nobody can write to."""
    found: list[tuple[int, int]] = []
    here: tuple[int, int] | None = None
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        first, *rest = line.split()
        if "-" in first and not first.endswith(":"):
            start, end = (int(address, 16) for address in first.split("-"))
            ours = len(rest) >= 5 and library in rest[4] and "w" not in rest[0]
            here = (start, end - start) if ours else None
        elif first == "Anonymous:" and here is not None and rest[0] == "0":
            found.append(here)
    return found


@cache
def _glibc() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None

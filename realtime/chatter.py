"""Keeps what C++ libraries write behind Python's back off the user's terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def muted() -> Generator[None]:
    """Send the process's error channel nowhere, but for what Python itself writes to it.

    MediaPipe warns of its own inner workings on every start, and no setting of its stops that.
    Nothing is done where ``sys.stderr`` has been replaced: then it is someone else's to decide.
    """
    if sys.stderr is None or sys.stderr is not sys.__stderr__:
        yield
        return
    sys.stderr.flush()
    channel, before = sys.stderr.fileno(), sys.stderr
    kept = os.dup(channel)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, channel)
    os.close(nowhere)
    sys.stderr = open(kept, "w", buffering=1, encoding=before.encoding, errors=before.errors)  # noqa: SIM115
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, channel)
        mine, sys.stderr = sys.stderr, before
        mine.close()

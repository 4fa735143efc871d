"""One filter kept warm for the next call, so that its first picture is soon and already edited."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from realtime.filter import Filter


class Spare:
    """Builds filters on a thread of its own, one ahead of need."""

    def __init__(self, build: Callable[[], Filter]) -> None:
        self._build = build
        self._builder = ThreadPoolExecutor(1, "spare-filter")
        self._lock = threading.Lock()
        self._next: Future[Filter] | None = None
        self._closed = False

    def prepare(self) -> None:
        """Start to build one unless there is one, or no more is wanted."""
        with self._lock:
            if self._next is None and not self._closed:
                self._next = self._builder.submit(self._build)

    def take(self) -> Filter:
        """Return a filter that is the caller's from now on; waits while it is built.

        The next is not begun here: a call's first second needs the processor for itself.
        """
        self.prepare()
        with self._lock:
            if self._closed:
                raise RuntimeError("the server is closing")
            ready, self._next = self._next, None
        if ready is None:  # another call took it in between
            return self.take()
        return ready.result()

    def close(self) -> None:
        """Let go of the spare one; idempotent."""
        with self._lock:
            ready, self._next = self._next, None
            self._closed = True
        self._builder.shutdown(wait=True, cancel_futures=True)
        if ready is not None and not ready.cancelled() and ready.exception() is None:
            ready.result().close()

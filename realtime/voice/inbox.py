"""Sound on its way to who listens: taken in without waiting, given out in larger pieces."""

from __future__ import annotations

import threading
from collections import deque

import numpy as np

from realtime.types import Floats


class Inbox:
    """A bounded queue of sound between two threads; what is too much pushes out the oldest.

    Args:
        batch: samples that are waited for, so that who listens is not woken for each block.
        most: samples kept.

    Attributes:
        lost: samples that were pushed out.
    """

    def __init__(self, batch: int, most: int) -> None:
        self._batch = batch
        self._most = most
        self._blocks: deque[Floats] = deque()
        self._held = 0
        self._closed = False
        self._ready = threading.Condition()
        self.lost = 0

    def put(self, samples: Floats) -> None:
        """Take in mono ``samples`` [n]; takes microseconds."""
        with self._ready:
            self._blocks.append(samples)
            self._held += len(samples)
            while self._held > self._most:
                gone = len(self._blocks.popleft())
                self._held -= gone
                self.lost += gone
            if self._held >= self._batch:
                self._ready.notify()

    def get(self, patience: float) -> Floats | None:
        """Return what has come, once it is a batch; none after ``patience`` seconds or the end."""
        with self._ready:
            self._ready.wait_for(lambda: self._closed or self._held >= self._batch, patience)
            if self._closed or self._held < self._batch:
                return None
            whole = np.concatenate(self._blocks)
            self._blocks.clear()
            self._held = 0
            return whole

    def close(self) -> None:
        """End it; idempotent."""
        with self._ready:
            self._closed = True
            self._ready.notify()

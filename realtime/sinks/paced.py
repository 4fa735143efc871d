"""Holds pictures until they are due, so that they leave together with the sound of their moment."""

from __future__ import annotations

import threading
from collections import deque

from realtime.clock import MS, SECOND, Clock
from realtime.session import Sink
from realtime.sound.delay import PlayoutDelay
from realtime.types import Filtered

SLACK = 30 * MS
"""How late a picture may still be shown: about a frame, which nobody sees."""

STILL = 250 * MS
"""After so long without a picture even a late one is shown; a face that stands still is worse."""

HELD = 64
"""Pictures held at most; what comes on top pushes the oldest out."""


class Paced:
    """Passes each picture on to ``sink`` at its capture plus the delay, on a thread of its own.

    A late one is dropped, never queued. Owns ``sink``.

    Attributes:
        late: pictures dropped because they were ready too late.
        overflowed: pictures dropped because too many waited.
    """

    def __init__(self, sink: Sink, clock: Clock, delay: PlayoutDelay) -> None:
        self._sink = sink
        self._clock = clock
        self._delay = delay
        self._waiting: deque[Filtered] = deque()
        self._cond = threading.Condition()
        self._closed = False
        self._error: Exception | None = None
        self._shown: int | None = None
        self.late = self.overflowed = 0
        self._thread = threading.Thread(target=self._run, name="paced", daemon=True)
        self._thread.start()

    def send(self, filtered: Filtered) -> None:
        """Take a picture that has just become ready.

        Raises:
            Exception: what the sink raised at an earlier picture.
        """
        now = self._clock.now()
        self._delay.picture_took(now - filtered.frame.captured, now)
        with self._cond:
            if self._error is not None:
                raise self._error
            self._waiting.append(filtered)
            if len(self._waiting) > HELD:
                self._waiting.popleft()
                self.overflowed += 1
            self._cond.notify()

    def close(self) -> None:
        """Let go of what is waiting and of the sink; idempotent."""
        with self._cond:
            self._closed = True
            self._waiting.clear()
            self._cond.notify()
        if self._thread is not threading.current_thread():
            self._thread.join(2)
        self._sink.close()

    def step(self) -> int | None:
        """Show what is due; return how long until the next is, None where nothing waits."""
        now = self._clock.now()
        due = self._due(now)
        if due is not None:
            self._shown = now
            self._sink.send(due)
        with self._cond:
            if not self._waiting:
                return None
            return max(0, self._waiting[0].frame.captured + self._delay.picture - now)

    def _due(self, now: int) -> Filtered | None:
        """Take out the picture to show now, if any, and drop what is too late for that."""
        newest = now - self._delay.picture
        due: Filtered | None = None
        with self._cond:
            while self._waiting and self._waiting[0].frame.captured <= newest:
                self.late += due is not None
                due = self._waiting.popleft()
        if due is None or due.frame.captured >= newest - SLACK:
            return due
        if self._shown is None or now - self._shown >= STILL:
            return due
        self.late += 1
        return None

    def _run(self) -> None:
        try:
            while not self._closed:
                pause = self.step()
                with self._cond:
                    if not self._closed and (pause is None) == (not self._waiting):
                        self._cond.wait(None if pause is None else pause / SECOND)
        except Exception as error:  # noqa: BLE001 - the edge of a thread; ``send`` raises it again
            self._error = error

"""The filtered picture on its way back: held until it is due, and sent once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import av

from realtime.clock import MS, Clock
from realtime.picture import to_av
from realtime.server.reports import Sent
from realtime.server.webrtc import MediaStreamError, MediaStreamTrack
from realtime.types import Filtered, Rung

HELD = 64
"""Pictures held at most, two seconds; what comes on top pushes the oldest out."""


@dataclass(frozen=True, slots=True)
class Held:
    """A picture that waits to be sent.

    Attributes:
        picture: as the encoder takes it.
        captured: when the frame was, whose place in time it has.
        filmed: when what it shows was; earlier where it repeats an earlier picture.
    """

    picture: av.VideoFrame
    captured: int
    filmed: int


class PictureTrack(MediaStreamTrack):
    """Sends each filtered picture once, ``delay`` after its capture, with the stamp it came with.

    A picture that is late is sent at once, unless a newer one is due too: then it is dropped.
    Nothing is released while ``may_start`` is false. Belongs to the event loop: :meth:`show` and
    :meth:`recv` are called there.
    """

    kind = "video"

    def __init__(
        self,
        clock: Clock,
        delay: Callable[[], int],
        may_start: Callable[[], bool] = lambda: True,
        on_sent: Callable[[Held], None] = lambda _: None,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._delay = delay
        self._may_start = may_start
        self._on_sent = on_sent
        self._held: deque[Held] = deque()
        self._changed = asyncio.Event()
        self._last_pts: int | None = None
        self.dropped = 0
        self.last = Sent(0, 0)

    def show(self, held: Held) -> None:
        """Make ``held`` the next to be sent after those before it.

        A picture that is not newer than the last is dropped: encoders refuse time that stands
        still.
        """
        pts = held.picture.pts or 0
        if self._last_pts is not None and pts <= self._last_pts:
            self.dropped += 1
            return
        self._last_pts = pts
        self._held.append(held)
        if len(self._held) > HELD:
            self._drop()
        self._changed.set()

    async def recv(self) -> av.VideoFrame:
        """Wait until the next picture is due."""
        while True:
            if self.readyState != "live":
                raise MediaStreamError
            wait = self._until_due()
            if wait is not None and wait <= 0:
                return self._release(self._held.popleft())
            self._changed.clear()
            with suppress(asyncio.TimeoutError, TimeoutError):
                await asyncio.wait_for(
                    self._changed.wait(), None if wait is None else wait / (1000 * MS)
                )

    def stop(self) -> None:
        """End the track; unblocks ``recv``."""
        super().stop()
        self._changed.set()

    def _until_due(self) -> int | None:
        """Return how long to wait for the next picture, having dropped those that are too late."""
        if not self._held:
            return None
        if not self._may_start():
            while len(self._held) > 1:
                self._drop()
            return 5 * MS
        due = self._clock.now() - self._delay()
        while len(self._held) > 1 and self._held[1].captured <= due:
            self._drop()
        return self._held[0].captured - due

    def _release(self, held: Held) -> av.VideoFrame:
        self.last = Sent(held.captured, self._clock.now())
        self._on_sent(held)
        return held.picture

    def _drop(self) -> None:
        self._held.popleft()
        self.dropped += 1


class TrackSink:
    """Carries pictures from the worker's thread to the track on the event loop."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        track: PictureTrack,
        on_filtered: Callable[[Filtered], None],
    ) -> None:
        self._loop = loop
        self._track = track
        self._on_filtered = on_filtered
        self._filmed = 0

    def send(self, filtered: Filtered) -> None:
        """Pass the picture on without waiting.

        A repeated picture keeps the capture time of its content, so that its age does not look
        younger than what is seen.
        """
        if filtered.rung is not Rung.REPEAT:
            self._filmed = filtered.frame.captured
        held = Held(to_av(filtered.frame), filtered.frame.captured, self._filmed)
        self._loop.call_soon_threadsafe(self.deliver, filtered, held)

    def close(self) -> None:
        """Nothing to release: the track ends with its connection."""

    def deliver(self, filtered: Filtered, held: Held) -> None:
        """Give the picture to the track; called on the event loop."""
        self._on_filtered(filtered)
        self._track.show(held)

"""The filtered picture on its way back: held until it is due, and sent once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction

import av
import numpy as np
from av.video.plane import VideoPlane

from realtime.clock import MS, Clock
from realtime.picture import to_av
from realtime.server.reports import Sent
from realtime.server.webrtc import MediaStreamError, MediaStreamTrack
from realtime.types import Filtered, Rung

RATE = 90_000
UNIT = Fraction(1, RATE)
"""RTP's unit of time for pictures."""

GRACE = 40 * MS
"""How long a picture is due before it takes the place of one that is due too and was not sent: time
for a machine that was held up for once to send both."""

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
    """Sends each filtered picture once, ``delay`` after its capture.

    A picture that is late is sent at once, unless a newer one has been due for ``GRACE`` too: then
    it is dropped. The stamps are the camera's plus the delay: a browser learns how late stamps
    arrive, and would hold pictures for seconds to come when the delay alone fell. When they were
    captured is said by the sender reports.

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
        self._last_stamp: int | None = None
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
            await self._change(wait)

    async def _change(self, wait: int | None) -> None:
        """Wait until something changes, for ``wait`` nanoseconds at most.

        ``asyncio.wait_for`` would make a task each time, for every picture of every call.
        """
        if wait is None:
            await self._changed.wait()
            return
        loop = asyncio.get_running_loop()
        alarm = loop.call_later(wait / (1000 * MS), self._changed.set)
        try:
            await self._changed.wait()
        finally:
            alarm.cancel()

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
        while len(self._held) > 1 and self._held[1].captured <= due - GRACE:
            self._drop()
        return self._held[0].captured - due

    def _release(self, held: Held) -> av.VideoFrame:
        self.last = Sent(held.captured, self._clock.now())
        self._on_sent(held)
        self._stamp(held.picture)
        return held.picture

    def _stamp(self, picture: av.VideoFrame) -> None:
        """Give ``picture`` the time that it is due at, in the camera's count."""
        unit = picture.time_base or UNIT
        at = (picture.pts or 0) * unit.numerator * RATE // unit.denominator
        stamp = at + self._delay() * RATE // (1000 * MS)
        if self._last_stamp is not None:
            stamp = max(self._last_stamp + 1, stamp)
        self._last_stamp = picture.pts = stamp
        picture.time_base = UNIT

    def _drop(self) -> None:
        self._held.popleft()
        self.dropped += 1


class Audience:
    """Shows each picture to every track that is there; belongs to the event loop."""

    def __init__(self) -> None:
        self._tracks: list[PictureTrack] = []

    @property
    def first(self) -> PictureTrack | None:
        """Who has been there the longest: the caller, or of those who watch where it only sends."""
        return self._tracks[0] if self._tracks else None

    def __len__(self) -> int:
        return len(self._tracks)

    def join(self, track: PictureTrack) -> None:
        """Show what comes from now on to ``track`` too."""
        self._tracks.append(track)

    def leave(self, track: PictureTrack) -> None:
        """Show it nothing more; one that is not there has left already."""
        with suppress(ValueError):
            self._tracks.remove(track)

    def show(self, held: Held) -> None:
        """Pass ``held`` on; encoders write into what they get, so each gets its own."""
        for i, track in enumerate(self._tracks):
            track.show(held if i == 0 else replace(held, picture=duplicate(held.picture)))


def duplicate(picture: av.VideoFrame) -> av.VideoFrame:
    """Return a picture of its own with the same content and time."""
    copy = av.VideoFrame(picture.width, picture.height, picture.format.name)
    for mine, theirs in zip(copy.planes, picture.planes, strict=True):
        if mine.line_size == theirs.line_size:
            mine.update(bytes(theirs))
        else:  # rows may be padded differently
            mine.update(_rows(theirs, mine.line_size))
    copy.pts, copy.time_base = picture.pts, picture.time_base
    return copy


def _rows(plane: VideoPlane, line_size: int) -> bytes:
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    width = min(line_size, plane.line_size)
    fitted = np.zeros((len(rows), line_size), np.uint8)
    fitted[:, :width] = rows[:, :width]
    return fitted.tobytes()


class TrackSink:
    """Carries pictures from the worker's thread to the tracks on the event loop."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        track: PictureTrack | Audience,
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

"""What comes from the browser, always drained: aiortc's own queue is unbounded and only ages."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import sqrt
from typing import cast

import av

from realtime.box import Closed, Latest
from realtime.clock import SECOND, Clock
from realtime.picture import from_av
from realtime.server.capture import CaptureClock, Kind
from realtime.server.webrtc import MediaStreamError, MediaStreamTrack
from realtime.types import Frame

Media = av.VideoFrame | av.AudioFrame

STAMPS = 1 << 32


async def drain(track: MediaStreamTrack, take: Callable[[Media], None]) -> None:
    """Give everything of ``track`` to ``take`` the moment it comes, until the track ends."""
    try:
        while True:
            take(cast("Media", await track.recv()))
    except MediaStreamError:
        return


class Stamps:
    """The time stamps of one track: what aiortc makes of them, and what the browser reports.

    aiortc counts from the first packet; a report names the stamp as it is sent, of 32 bits.
    """

    def __init__(self, kind: Kind, capture: CaptureClock, clock: Clock) -> None:
        self._kind: Kind = kind
        self._capture = capture
        self._clock = clock
        self._pts = 0
        self._unit: Fraction | None = None

    def captured(self, media: Media) -> int:
        """Return when ``media``, which has come just now, was captured."""
        now = self._clock.now()
        if media.pts is None or not media.time_base:
            return now
        self._pts = media.pts
        if self._unit != media.time_base:
            self._unit = Fraction(media.time_base)
        return self._capture.arrived(self._kind, self._nanoseconds(media.pts), now)

    def reported(self, first: int | None, stamp: int, ntp: int) -> None:
        """Take in that ``stamp`` belongs to ``ntp``; ``first`` is the stamp that counts as 0."""
        if first is None or self._unit is None:
            return
        ahead = (stamp - first - self._pts + STAMPS // 2) % STAMPS - STAMPS // 2
        self._capture.reported(self._kind, self._nanoseconds(self._pts + ahead), ntp)

    def _nanoseconds(self, pts: int) -> int:
        unit = self._unit
        return 0 if unit is None else pts * unit.numerator * SECOND // unit.denominator


class Pictures:
    """Puts a browser's pictures into a box, stamped with their capture on the session clock.

    ``seen`` gets every one of them, also those that nobody filters.

    Attributes:
        count: pictures so far.
        most: pixels; a larger picture is scaled down to them. None sets no limit.
    """

    def __init__(
        self,
        box: Latest[Frame],
        stamps: Stamps,
        seen: Callable[[Frame], None] = lambda frame: None,
    ) -> None:
        self._box = box
        self._seen = seen
        self._stamps = stamps
        self._captured = 0
        self.count = 0
        self.most: int | None = None

    def take(self, picture: Media) -> None:
        """Hand ``picture`` over; one that nobody has read yet gives way to it."""
        if not isinstance(picture, av.VideoFrame):
            return
        # A report can set the relation right by some milliseconds; time still never stands still.
        self._captured = max(self._captured + 1, self._stamps.captured(picture))
        frame = from_av(self._fitted(picture), self._captured, self.count, copy=False)
        self.count += 1
        self._seen(frame)
        try:
            self._box.put(frame)
        except Closed:  # the call is ending; the track still has to be drained
            return

    def _fitted(self, picture: av.VideoFrame) -> av.VideoFrame:
        pixels = picture.width * picture.height
        if self.most is None or pixels <= self.most:
            return picture
        scale = sqrt(self.most / pixels)
        width, height = (max(2, int(side * scale) & ~1) for side in (picture.width, picture.height))
        return picture.reformat(width, height, interpolation="AREA")

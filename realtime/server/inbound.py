"""What comes from the browser, always drained: aiortc's own queue is unbounded and only ages."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import av

from realtime.box import Closed, Latest
from realtime.clock import Clock
from realtime.picture import from_av
from realtime.server.webrtc import MediaStreamError, MediaStreamTrack
from realtime.types import Frame

Media = av.VideoFrame | av.AudioFrame


async def drain(track: MediaStreamTrack, take: Callable[[Media], None]) -> None:
    """Give everything of ``track`` to ``take`` the moment it comes, until the track ends."""
    try:
        while True:
            take(cast("Media", await track.recv()))
    except MediaStreamError:
        return


class Pictures:
    """Puts a browser's pictures into a box, stamped with their arrival on the session clock."""

    def __init__(self, box: Latest[Frame], clock: Clock) -> None:
        self._box = box
        self._clock = clock
        self.count = 0

    def take(self, picture: Media) -> None:
        """Hand ``picture`` over; one that nobody has read yet gives way to it."""
        if not isinstance(picture, av.VideoFrame):
            return
        frame = from_av(picture, self._clock.now(), self.count)
        self.count += 1
        try:
            self._box.put(frame)
        except Closed:  # the call is ending; the track still has to be drained
            return

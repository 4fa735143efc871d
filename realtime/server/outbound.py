"""The filtered picture on its way back: one slot between the worker and aiortc's encoder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import av

from realtime.picture import to_av
from realtime.server.webrtc import MediaStreamError, MediaStreamTrack
from realtime.types import Filtered, Rung


class PictureTrack(MediaStreamTrack):
    """Sends each filtered picture once, when it is there, with the time stamp it came in with.

    Belongs to the event loop: :meth:`show` and :meth:`recv` are called there.
    """

    kind = "video"

    def __init__(self, on_sent: Callable[[int], None]) -> None:
        super().__init__()
        self._on_sent = on_sent
        self._picture: av.VideoFrame | None = None
        self._captured = 0
        self._ready = asyncio.Event()
        self._last_pts: int | None = None
        self.dropped = 0

    def show(self, picture: av.VideoFrame, captured: int) -> None:
        """Make ``picture`` the next to be sent; one that still waits is dropped and counted.

        A picture that is not newer than the last is dropped too: encoders refuse time that stands
        still.
        """
        pts = picture.pts or 0
        if self._last_pts is not None and pts <= self._last_pts:
            self.dropped += 1
            return
        self.dropped += self._picture is not None
        self._picture, self._captured, self._last_pts = picture, captured, pts
        self._ready.set()

    async def recv(self) -> av.VideoFrame:
        """Wait for the next picture."""
        await self._ready.wait()
        picture, self._picture = self._picture, None
        if self.readyState != "live" or picture is None:
            raise MediaStreamError
        self._ready.clear()
        self._on_sent(self._captured)
        return picture

    def stop(self) -> None:
        """End the track; unblocks ``recv``."""
        super().stop()
        self._ready.set()


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
        picture = to_av(filtered.frame)
        self._loop.call_soon_threadsafe(self._deliver, filtered, picture, self._filmed)

    def close(self) -> None:
        """Nothing to release: the track ends with its connection."""

    def _deliver(self, filtered: Filtered, picture: av.VideoFrame, captured: int) -> None:
        self._on_filtered(filtered)
        self._track.show(picture, captured)

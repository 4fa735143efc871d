"""A filter that costs nothing and can be seen from far away, and a browser made of aiortc."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Generic, TypeVar, cast

import av
import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from realtime.clock import SystemClock
from realtime.face.motion import Animation, Pose
from realtime.filter import Canvas, EmotionFilter
from realtime.server.webrtc import connection
from realtime.stage import Meter
from realtime.types import Emotion, Frame, Landmarks, Pixels

In = TypeVar("In")
Out = TypeVar("Out")

PLAIN, EDITED = 128, 210
"""V (red) of the test picture as filmed, and as filtered while the edit is happy."""


class Step(Generic[In, Out]):
    """A stage made of a function."""

    def __init__(self, name: str, work: Callable[[In], Out]) -> None:
        self.name = name
        self._work = work
        self.closed = 0

    def __call__(self, x: In, /) -> Out:
        return self._work(x)

    def reset(self) -> None:
        """Nothing to forget."""

    def close(self) -> None:
        self.closed += 1


class FakeFilter(EmotionFilter):
    """Reddens the picture while the edit is happy, after ``stall`` seconds in its first stage."""

    def __init__(self, stall: float = 0.0) -> None:
        self.render = Step("render", self._render)
        self._emotion: Emotion | None = None
        self._stall = stall
        super().__init__(
            Step("locate", self._locate),
            Step("animate", self._animate),
            self.render,
            Meter(SystemClock()),
        )

    def _locate(self, frame: Frame) -> tuple[Landmarks, ...]:
        time.sleep(self._stall)
        return ()

    def _animate(self, pose: Pose) -> Animation:
        self._emotion = pose.edit.emotion
        return Animation((), 0.0, {})

    def _render(self, canvas: Canvas) -> Frame:
        if self._emotion is not Emotion.HAPPY:
            return canvas.frame
        y, u, v = canvas.frame.planes
        return canvas.frame.with_planes((y, u, np.full_like(v, EDITED)))


def block_picture(number: int, width: int = 320, height: int = 240) -> av.VideoFrame:
    """Return a gray picture with ``number`` in its top rows as black and white blocks."""
    picture = av.VideoFrame(width, height, "yuv420p")
    for i, level in enumerate((128, 128, PLAIN)):
        plane = np.full((picture.planes[i].height, picture.planes[i].line_size), level, np.uint8)
        if i == 0:
            for bit in range(10):
                plane[:32, bit * 32 : bit * 32 + 32] = 235 if number >> bit & 1 else 16
        picture.planes[i].update(plane.tobytes())
    picture.pts = number * 3000
    picture.time_base = Fraction(1, 90_000)
    return picture


def read_blocks(picture: av.VideoFrame) -> int:
    """Return the number in the blocks."""
    luma = rows(picture, 0)
    return sum((int(luma[8:24, b * 32 + 8 : b * 32 + 24].mean()) > 128) << b for b in range(10))


def redness(picture: av.VideoFrame) -> float:
    """Return the mean of V."""
    return float(rows(picture, 2).mean())


def rows(picture: av.VideoFrame, plane: int) -> Pixels:
    part = picture.planes[plane]
    return np.frombuffer(memoryview(part), np.uint8).reshape(part.height, part.line_size)[
        :, : part.width
    ]


class Camera(MediaStreamTrack):
    """Numbered pictures at ``fps``; notes when each was taken."""

    kind = "video"

    def __init__(self, fps: float = 30.0) -> None:
        super().__init__()
        self._fps = fps
        self._start = 0.0
        self.taken: dict[int, float] = {}

    async def recv(self) -> av.VideoFrame:
        number = len(self.taken)
        self._start = self._start or time.monotonic()
        await asyncio.sleep(max(0.0, self._start + number / self._fps - time.monotonic()))
        if self.readyState != "live":
            raise MediaStreamError
        self.taken[number] = time.monotonic()
        return block_picture(number)


class Microphone(MediaStreamTrack):
    """A 440 Hz tone in 20 ms blocks."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._start = 0.0

    async def recv(self) -> av.AudioFrame:
        self._start = self._start or time.monotonic()
        await asyncio.sleep(max(0.0, self._start + self._count * 0.02 - time.monotonic()))
        if self.readyState != "live":
            raise MediaStreamError
        at = np.arange(self._count * 960, (self._count + 1) * 960)
        tone = (8000 * np.sin(2 * np.pi * 440 * at / 48_000)).astype(np.int16)
        block = av.AudioFrame.from_ndarray(tone[None, :], "s16", "mono")
        block.sample_rate = 48_000
        block.pts, block.time_base = self._count * 960, Fraction(1, 48_000)
        self._count += 1
        return block


class Browser:
    """What a page does, without one: sends a camera and a microphone, keeps what comes back.

    Attributes:
        seen: (arrival, picture) in order of arrival, seconds.
        heard: (arrival, sound).
    """

    def __init__(self, fps: float = 30.0, *, sound: bool = True) -> None:
        self.camera = Camera(fps)
        self.connection = connection()
        self.connection.addTrack(self.camera)
        if sound:
            self.connection.addTrack(Microphone())
        self.connection.on("track", self._receive)
        self.seen: list[tuple[float, av.VideoFrame]] = []
        self.heard: list[tuple[float, av.AudioFrame]] = []
        self._drains: list[asyncio.Task[None]] = []

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def accept(self, sdp: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def close(self) -> None:
        await self.connection.close()
        await asyncio.gather(*self._drains)

    def _receive(self, track: MediaStreamTrack) -> None:
        self._drains.append(asyncio.create_task(self._drain(track)))

    async def _drain(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                media = cast("av.VideoFrame | av.AudioFrame", await track.recv())
                if isinstance(media, av.VideoFrame):
                    self.seen.append((time.monotonic(), media))
                else:
                    self.heard.append((time.monotonic(), media))
        except MediaStreamError:
            return


async def until(condition: Callable[[], object], within: float = 10.0) -> None:
    """Wait for ``condition``; fail when it does not come true."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


def threads() -> set[str]:
    """Name the threads that a call starts and must end."""
    ours = ("filter", "spare-filter", "video-decoder", "audio-decoder")
    return {t.name for t in threading.enumerate() if t.name.startswith(ours)}

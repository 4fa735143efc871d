"""One call as a browser makes it, at the least cost: nothing is encoded, nothing decoded in time.

What comes back is kept as it came, with the moment at which its last packet did, and looked at when
the call is over.
"""

from __future__ import annotations

import asyncio
import json
import queue
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, cast

import av
import numpy as np
from aiortc.codecs import CODECS, get_decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecCapability, RTCRtpCodecParameters
from websockets.asyncio.client import ClientConnection, connect

from bench.call import counter
from bench.call.figures import Sightings
from bench.sessions.film import BLOCK, FPS, KEY_EVERY, Film, corner
from realtime.clock import SystemClock
from realtime.picture import plane_rows
from realtime.server.repair import QUEUE, receive_promptly
from realtime.server.webrtc import (
    MediaStreamError,
    MediaStreamTrack,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
    connection,
)

EDITED = 10.0
"""Mean difference in the badge's corner from which on the badge must be there; a codec makes 3."""

SOUND_RATE = 48_000

FORCE_KEY = "_RTCRtpSender__force_keyframe"
"""Where aiortc notes that a key frame is wanted; it tells encoders alone."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What one call saw; times in milliseconds on the monotonic clock of the machine.

    Attributes:
        sent: pictures by when they were handed to the network.
        returned: pictures by when they were whole again; -1 where the number cannot be read.
        late: how much later than due each was sent, milliseconds: what the load itself costs.
        edited: when the first returned picture with the badge came; None where none did.
        sounds: packets of sound that came back.
        telemetry: what the server said last.
    """

    sent: Sightings
    returned: Sightings
    late: Sequence[float]
    edited: float | None
    sounds: int
    telemetry: dict[str, Any]


@dataclass(slots=True)
class _Sent:
    sightings: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    late: list[float] = field(default_factory=list[float])


class Replay(MediaStreamTrack):
    """Hands on packets that were encoded beforehand, each when it is due."""

    def __init__(
        self,
        kind: str,
        packets: Sequence[bytes],
        step: int,
        rate: int,
        wants_key: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__()
        self._wants_key = wants_key
        self._next = 0
        self.kind = kind
        self._packets = packets
        self._step = step
        self._rate = rate
        self._begun: float | None = None
        self._count = 0
        self.sent = _Sent()

    async def recv(self) -> av.Packet:  # type: ignore[override]  # aiortc sends packets too
        """Wait for the next packet's moment."""
        if self._begun is None:
            self._begun = time.monotonic()
        due = self._begun + self._count * self._step / self._rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        if self.readyState != "live":
            raise MediaStreamError
        number = self._next
        if self._wants_key():  # the nearest there is; a camera's picture would become one
            number = -(-number // KEY_EVERY) * KEY_EVERY % len(self._packets)
        self._next = (number + 1) % len(self._packets)
        packet = av.Packet(self._packets[number])
        packet.pts, packet.time_base = self._count * self._step, Fraction(1, self._rate)
        self._count += 1
        now = time.monotonic()
        self.sent.sightings.append((1000 * now, number))
        self.sent.late.append(1000 * (now - due))
        return packet


class _Kept(queue.Queue["Any"]):
    """Stands where aiortc's decoder takes its work from, and keeps it instead."""

    def __init__(self) -> None:
        super().__init__()
        self.first = asyncio.Event()
        self.frames: list[tuple[float, JitterFrame]] = []

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Keep a frame; None, the end, is for the decoder."""
        if item is None:
            super().put(item, block, timeout)
            return
        _, frame = cast("tuple[RTCRtpCodecParameters, JitterFrame]", item)
        self.frames.append((1000 * time.monotonic(), frame))
        self.first.set()


class Caller:
    """Calls a server with a film; belongs to the event loop.

    Attributes:
        answered: set when the first picture has come back.
    """

    def __init__(self, address: str, film: Film, emotion: str = "happy") -> None:
        self._address = address.rstrip("/")
        self._film = film
        self._emotion = emotion
        self._peer: RTCPeerConnection = connection()
        self._pictures = Replay("video", film.pictures, 1, FPS, self._asked_for_key)
        self._sounds = Replay("audio", film.sounds, BLOCK, SOUND_RATE)
        self._kept = {"video": _Kept(), "audio": _Kept()}
        self.answered = self._kept["video"].first
        self._telemetry: dict[str, Any] = {}
        self._stack = AsyncExitStack()

    async def begin(self) -> None:
        """Call, and return once the server has answered."""
        for track in (self._pictures, self._sounds):
            self._peer.addTrack(track)
        clock = SystemClock()
        for transceiver in self._peer.getTransceivers():
            if transceiver.kind == "video":
                transceiver.setCodecPreferences(_capabilities(self._film.codec))
            setattr(transceiver.receiver, QUEUE, self._kept[transceiver.kind])
            is_video = transceiver.kind == "video"
            receive_promptly(transceiver.receiver, clock, is_video=is_video)
        self._stack.push_async_callback(self._peer.close)
        await self._peer.setLocalDescription(await self._peer.createOffer())
        socket = await self._stack.enter_async_context(_socket(self._address))
        await socket.send(json.dumps({"type": "edit", "emotion": self._emotion, "ramp_ms": 0}))
        offer = {"type": "offer", "sdp": self._peer.localDescription.sdp}
        await socket.send(json.dumps(offer))
        answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        listening = asyncio.create_task(self._listen(socket, answered))
        self._stack.callback(listening.cancel)
        answer = RTCSessionDescription(await asyncio.wait_for(answered, 30), "answer")
        await self._peer.setRemoteDescription(answer)

    async def end(self) -> None:
        """Hang up."""
        await self._stack.aclose()

    def noted(self, since: float = 0.0) -> Noted:
        """Return what was seen from ``since`` on, milliseconds of the monotonic clock."""
        returned, edited = self._looked_at()
        sent = self._pictures.sent
        return Noted(
            [s for s in sent.sightings if s[0] >= since],
            [r for r in returned if r[0] >= since],
            [late for s, late in zip(sent.sightings, sent.late, strict=True) if s[0] >= since],
            edited,
            sum(at >= since for at, _ in self._kept["audio"].frames),
            self._telemetry,
        )

    def _asked_for_key(self) -> bool:
        """Tell whether the server has asked for a key frame since the last time."""
        for sender in self._peer.getSenders():
            if sender.kind == "video" and vars(sender)[FORCE_KEY]:
                setattr(sender, FORCE_KEY, False)
                return True
        return False

    def _looked_at(self) -> tuple[Sightings, float | None]:
        """Decode what came back; say which picture each was, and when the first was edited."""
        decoder = get_decoder(_parameters(self._film.codec))
        came = {frame.timestamp: at for at, frame in self._kept["video"].frames}
        seen: list[tuple[float, int]] = []
        edited: float | None = None
        for _, frame in self._kept["video"].frames:
            for picture in cast("list[av.VideoFrame]", decoder.decode(frame)):
                at, luma = came[picture.pts or 0], plane_rows(picture, 0)
                number = counter.read(luma) if luma.shape[1] >= counter.WIDTH else None
                seen.append((at, -1 if number is None else number))
                if edited is None and number is not None and self._badged(luma, number):
                    edited = at
        return seen, edited

    def _badged(self, luma: Any, number: int) -> bool:
        before = self._film.corners[number % len(self._film.corners)]
        after = corner(luma)
        if before.shape != after.shape:  # the server sends smaller pictures just now
            return False
        return float(np.abs(after.astype(np.float32) - before).mean()) > EDITED

    async def _listen(self, socket: ClientConnection, answered: asyncio.Future[str]) -> None:
        async for text in socket:
            message: dict[str, Any] = json.loads(text)
            match message["type"]:
                case "answer" if not answered.done():
                    answered.set_result(message["sdp"])
                case "telemetry":
                    self._telemetry = message
                case "error" if not answered.done():
                    answered.set_exception(RuntimeError(str(message)))
                case _:
                    pass


def _socket(address: str) -> connect:
    where = address.replace("http", "ws", 1) + "/call"
    return connect(where, origin=cast("Any", address), max_queue=None)


def _capabilities(codec: str) -> list[RTCRtpCodecCapability]:
    """Return the one codec, and how it is sent again."""
    known = RTCRtpSender.getCapabilities("video").codecs
    return [c for c in known if c.name.upper() in (codec, "RTX")]


def _parameters(codec: str) -> RTCRtpCodecParameters:
    return next(c for c in CODECS["video"] if c.name.upper() == codec)

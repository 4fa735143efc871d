"""The browser's own sound on its way back, in step with the picture, in blocks of 20 ms."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np

from realtime.clock import MS, Clock
from realtime.server.inbound import Media, Stamps
from realtime.server.playout import Playout
from realtime.server.reports import Sent
from realtime.server.webrtc import MediaStreamError, MediaStreamTrack
from realtime.sound.follower import Follower
from realtime.sound.tape import RATE, Tape
from realtime.sync import Start
from realtime.types import Floats

BLOCK = 960
STEP = 20 * MS

HALF = np.float32(0.5 / 32_768)
"""What both channels' 16-bit samples together are multiplied by."""

UNIT = Fraction(1, RATE)
"""RTP's unit of time for sound."""

LOST = 200 * MS
"""How late the loop may be before the beat starts anew instead of catching up in a burst."""

MISSING = 200 * MS
"""Sound that has not gone on for so long is not late but lost; a longer wait brings none back."""

GAP = RATE
"""Samples lost on the way that are replaced by silence; after more, time is set anew."""


class Sounds:
    """Puts a browser's sound on tape, with the time of its capture; ``heard`` gets all of it too.

    Attributes:
        tape: mono, at 48 kHz.
        missing: samples that got lost on the way, replaced by silence so that the rest keeps time.
    """

    def __init__(
        self, stamps: Stamps, heard: Callable[[Floats, int], None] = lambda samples, captured: None
    ) -> None:
        self._stamps = stamps
        self._heard = heard
        self._resampler = av.AudioResampler("fltp", rate=RATE)
        self._expected: int | None = None
        self.tape = Tape()
        self.missing = 0

    def take(self, sound: Media) -> None:
        """Append ``sound``."""
        if not isinstance(sound, av.AudioFrame):
            return
        captured = self._stamps.captured(sound)
        lost = self._lost(sound)
        if lost:
            self.missing += lost
            self.tape.write(np.zeros(lost, np.float32), captured - lost * 1000 * MS // RATE)
        for samples in self._mono(sound):
            self.tape.write(samples, captured)
            self._heard(samples, captured)
            captured += len(samples) * 1000 * MS // RATE

    def _mono(self, sound: av.AudioFrame) -> list[Floats]:
        """Return ``sound`` as [n] of -1..1 at our rate."""
        kind = (sound.format.name, sound.layout.name, sound.sample_rate)
        if kind == ("s16", "stereo", RATE):  # Opus, as it always comes
            both = np.frombuffer(memoryview(sound.planes[0]), np.int16)[: 2 * sound.samples]
            return [(both[::2].astype(np.float32) + both[1::2]) * HALF]
        parts = self._resampler.resample(sound)
        return [part.to_ndarray().mean(axis=0, dtype=np.float32) for part in parts]

    def _lost(self, sound: av.AudioFrame) -> int:
        """Return how many samples are missing before ``sound``."""
        if sound.pts is None:
            return 0
        expected, self._expected = self._expected, sound.pts + sound.samples
        lost = 0 if expected is None else (sound.pts - expected) * RATE // sound.sample_rate
        return lost if 0 < lost <= GAP else 0


class Beat:
    """When the next block is due; pure, so that a stalled loop can be tried without stalling."""

    def __init__(self) -> None:
        self._start: int | None = None
        self._count = -1

    def next(self, now: int) -> tuple[int, int]:
        """Return the next block's number and how long to wait for its moment.

        After a stall the missed numbers are left out rather than raced through.
        """
        if self._start is None:
            self._start = now
        self._count += 1
        late = now - self.due
        if late > LOST:
            self._count += late // STEP
        return self._count, max(0, self.due - now)

    @property
    def due(self) -> int:
        """The moment of the block last asked for."""
        return (self._start or 0) + self._count * STEP


class Flow:
    """Tells sound that comes late from sound that comes no more; pure."""

    def __init__(self) -> None:
        self._newest: int | None = None
        self._since = 0

    def late(self, newest: int | None, now: int) -> int | None:
        """Return how long ago the newest sound was captured; None where none comes."""
        if newest != self._newest:
            self._newest, self._since = newest, now
        if newest is None or now - self._since > MISSING:
            return None
        return now - newest


class SoundTrack(MediaStreamTrack):
    """Sends a block every 20 ms, silence where there is none; never faster, never in bursts.

    What it reads from the tape was captured ``playout.sound`` before; where that changes it plays
    a little faster or slower, waits, or leaves something out, and counts what it left out.
    """

    kind = "audio"

    def __init__(self, clock: Clock, tape: Tape, playout: Playout, start: Start) -> None:
        super().__init__()
        self._clock = clock
        self._tape = tape
        self._playout = playout
        self._start = start
        self._beat = Beat()
        self._flow = Flow()
        self.follower = Follower(tape)
        self.last = Sent(0, 0)

    async def recv(self) -> av.AudioFrame:
        """Wait for the next beat."""
        while not self._may_start():  # noqa: ASYNC110 - time opens it too
            await asyncio.sleep(STEP / 4 / (1000 * MS))
        number, wait = self._beat.next(self._clock.now())
        await asyncio.sleep(wait / (1000 * MS))
        if self.readyState != "live":
            raise MediaStreamError
        block = av.AudioFrame.from_ndarray(self._next()[None, :], "s16", "mono")
        block.sample_rate = RATE
        block.pts = number * BLOCK
        block.time_base = UNIT
        return block

    def _may_start(self) -> bool:
        return self.readyState != "live" or self._start.open(self._clock.now())

    def _next(self) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
        """Return the block that is due now."""
        now, due = self._clock.now(), self._beat.due
        late = self._flow.late(self._tape.newest(), due)
        if late is not None:
            self._playout.sound_takes(late + STEP, now)
        delay = self._playout.sound
        samples = self.follower.next(BLOCK, due, delay)
        behind = round(self.follower.error * 1000 * MS / RATE)
        self.last = Sent(due - delay - behind, now)
        return (np.minimum(np.maximum(samples, -1), 1) * 32_767).astype(np.int16)

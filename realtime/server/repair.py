"""Asking for lost packets: soon, again when it did not help, and not for what is only late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiortc import RTCRtpReceiver
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtp import RtpPacket

from realtime.clock import MS, Clock
from realtime.server.jitter import PICTURE_PATIENCE, PromptJitterBuffer

JITTER_BUFFER = "_RTCRtpReceiver__jitter_buffer"
NACK_GENERATOR = "_RTCRtpReceiver__nack_generator"
CODECS = "_RTCRtpReceiver__codecs"
MAPPER = "_RTCRtpReceiver__timestamp_mapper"
QUEUE = "_RTCRtpReceiver__decoder_queue"
"""Where aiortc keeps what it holds back; it has no public way in, and a test watches the names."""

MOST = 128
"""Packets of one gap that are asked for; a longer one is an outage, and wants a key frame."""

FIRST_WAIT = 5 * MS
LONGEST_WAIT = 60 * MS
"""How long a packet may be late before it is asked for; learned from those that came late."""

FIRST_TRIP = 60 * MS
SHORTEST_TRIP = 20 * MS
"""How long an answer is waited for; learned from those that came."""


@dataclass(slots=True)
class Gap:
    """A packet that is missing."""

    noticed: int
    asked: int | None = None
    tries: int = 0


class Repair:
    """Says which packets to ask for; takes the place of aiortc's NackGenerator.

    aiortc asks when a gap is noticed and then not before the next, which may take seconds of a
    still picture.

    Attributes:
        missing: the packets to ask for now.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._highest: int | None = None
        self._gaps: dict[int, Gap] = {}
        self._wait = FIRST_WAIT
        self._trip = FIRST_TRIP
        self.missing: list[int] = []

    def add(self, packet: RtpPacket) -> bool:
        """Take in that ``packet`` came; return whether any has to be asked for."""
        now = self._clock.now()
        number = packet.sequence_number
        ahead = 1 if self._highest is None else (number - self._highest + 32_768) % 65_536 - 32_768
        if ahead > 0:
            self._skipped(number, ahead, now)
            self._highest = number
        else:
            self._came(number, now)
        self.missing = [n for n, gap in self._gaps.items() if self._is_due(gap, now)]
        for due in self.missing:
            self._gaps[due].asked = now
            self._gaps[due].tries += 1
        return bool(self.missing)

    def _skipped(self, number: int, ahead: int, now: int) -> None:
        if ahead > MOST:
            self._gaps.clear()
            return
        for back in range(ahead - 1, 0, -1):
            self._gaps[(number - back) % 65_536] = Gap(now)
        for old in [n for n, gap in self._gaps.items() if now - gap.noticed > PICTURE_PATIENCE]:
            del self._gaps[old]

    def _came(self, number: int, now: int) -> None:
        gap = self._gaps.pop(number, None)
        if gap is None:
            return
        if gap.asked is None:
            late = now - gap.noticed
            self._wait = min(LONGEST_WAIT, max(self._wait, late))
        elif gap.tries == 1:
            self._trip += (now - gap.asked - self._trip) // 8
        self._wait -= (self._wait - FIRST_WAIT) // 64

    def _is_due(self, gap: Gap, now: int) -> bool:
        if gap.asked is None:
            return now - gap.noticed >= self._wait
        return now - gap.asked >= max(SHORTEST_TRIP, 3 * self._trip // 2)


def receive_promptly(
    receiver: RTCRtpReceiver, clock: Clock, *, is_video: bool
) -> PromptJitterBuffer:
    """Give ``receiver`` our buffer and our way to ask again; return the buffer."""

    def deliver(kind: int, frame: JitterFrame) -> None:
        private: dict[str, Any] = vars(receiver)
        codec = private[CODECS].get(kind)
        if codec is not None:
            frame.timestamp = private[MAPPER].map(frame.timestamp)
            private[QUEUE].put((codec, frame))

    buffer = PromptJitterBuffer(clock, is_video=is_video, deliver=deliver)
    setattr(receiver, JITTER_BUFFER, buffer)
    if is_video:
        setattr(receiver, NACK_GENERATOR, Repair(clock))
    return buffer

"""Reassembling what the network brings: in order, at once, and never waiting for long."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtp import RtpPacket

from realtime.clock import MS, Clock

PICTURE_PATIENCE = 300 * MS
"""How long a missing packet of a picture is waited for, which is asked for again meanwhile."""

SOUND_PATIENCE = 60 * MS
"""How long late sound is waited for; nobody sends it again."""

ASK_AGAIN = 300 * MS
"""Time between two requests for a key frame."""

SPAN = 2048
"""Packets that a gap may have. Beyond, and as far back, the numbers have begun anew."""

NUMBERS = 1 << 16


class PromptJitterBuffer(JitterBuffer):
    """Lets a frame go with its last packet, and goes on without what does not come.

    aiortc's own lets a picture go when the *next* one begins, 33 ms later, and sound after four
    more packets, 80 ms later. It lets one frame go for each packet that comes, so that a lost
    packet leaves it late for good; it waits for 512 packets, seconds; and then shows pictures
    whose predecessor is missing. Here several go at once: ``deliver`` gets those before the last,
    with their type of payload. After too long a wait, pictures stand still until the next key
    frame, which is asked for.

    Attributes:
        first: the RTP stamp of what was let go first, which aiortc counts from; None before it.
        abandoned: packets that were given up.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        is_video: bool,
        deliver: Callable[[int, JitterFrame], None] = lambda _type, _frame: None,
    ) -> None:
        super().__init__(16, is_video=is_video)
        self._clock = clock
        self._deliver = deliver
        self._patience = PICTURE_PATIENCE if is_video else SOUND_PATIENCE
        self._waiting: dict[int, RtpPacket] = {}
        self._next: int | None = None
        self._highest = 0
        self._stuck_since: int | None = None
        self._needs_key = False
        self._asked: int | None = None
        self.first: int | None = None
        self.abandoned = 0

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        """Take a packet in; return whether a key frame is wanted, and the last frame let go."""
        number = self._number(packet.sequence_number)
        if self._next is None or abs(number - self._next) > SPAN:
            self._begin_at(number)
        assert self._next is not None
        if number < self._next:
            return False, None  # sent again, or too late
        self._waiting[number] = packet
        self._highest = max(self._highest, number)
        frames = self._release()
        if not self._waiting:
            self._stuck_since = None
        elif frames or self._stuck_since is None:
            self._stuck_since = self._clock.now()
        elif self._clock.now() - self._stuck_since > self._patience:
            frames += self._give_up()
        for kind, frame in frames[:-1]:
            self._deliver(kind, frame)
        return self._wants_key(), frames[-1][1] if frames else None

    def _number(self, sequence: int) -> int:
        """Let the 16 bits count on."""
        if self._next is None:
            self._highest = sequence
        half = NUMBERS // 2
        return self._highest + (sequence - self._highest + half) % NUMBERS - half

    def _begin_at(self, number: int) -> None:
        self._needs_key = self._is_video and self._next is not None
        self._waiting.clear()
        self._next = self._highest = number

    def _release(self) -> list[tuple[int, JitterFrame]]:
        """Return the frames that are whole, oldest first."""
        found: list[tuple[int, JitterFrame]] = []
        while packets := self._whole():
            assert self._next is not None
            for number in range(self._next, self._next + len(packets)):
                del self._waiting[number]
            self._next += len(packets)
            frame = self._frame(packets)
            if frame is not None:
                found.append((packets[0].payload_type, frame))
        return found

    def _whole(self) -> list[RtpPacket]:
        """Return the packets of the next frame, or none while some are missing."""
        packets: list[RtpPacket] = []
        number = self._next or 0
        while packet := self._waiting.get(number):
            if packets and packet.timestamp != packets[0].timestamp:
                return packets  # its mark was lost on the way, or never set
            packets.append(packet)
            if packet.marker or not self._is_video:
                return packets
            number += 1
        return []

    def _frame(self, packets: list[RtpPacket]) -> JitterFrame | None:
        data = b"".join(cast("bytes", vars(packet)["_data"]) for packet in packets)
        if not data:
            return None  # padding, by which a sender tries how much gets through
        if self._needs_key:
            if not is_key(data):
                return None
            self._needs_key = False
        if self.first is None:
            self.first = packets[0].timestamp
        return JitterFrame(data=data, timestamp=packets[0].timestamp)

    def _give_up(self) -> list[tuple[int, JitterFrame]]:
        """Go on behind the gap; pictures with the next key frame."""
        assert self._next is not None
        numbers = sorted(n for n in self._waiting if self._starts_frame(n))
        goal = numbers[0] if numbers else self._highest + 1
        for number in [n for n in self._waiting if n < goal]:
            del self._waiting[number]
        self.abandoned += goal - self._next
        self._next = goal
        self._needs_key = self._is_video
        self._stuck_since = self._clock.now() if self._waiting else None
        return self._release()

    def _starts_frame(self, number: int) -> bool:
        """Tell whether a frame begins with this packet, as far as the one before it tells."""
        if not self._is_video:
            return True
        before = self._waiting.get(number - 1)
        return before is not None and (
            bool(before.marker) or before.timestamp != self._waiting[number].timestamp
        )

    def _wants_key(self) -> bool:
        now = self._clock.now()
        if not self._needs_key or (self._asked is not None and now - self._asked < ASK_AGAIN):
            return False
        self._asked = now
        return True


def is_key(data: bytes) -> bool:
    """Tell whether a picture needs none before it: of H.264 by its units, else VP8 by a bit."""
    at = data.find(b"\0\0\0\1")
    if at != 0:  # H.264 as aiortc unpacks it begins so, and VP8 never does
        return not data[0] & 1
    while 0 <= at < len(data) - 4:
        if data[at + 4] & 0x1F == 5:
            return True
        at = data.find(b"\0\0\0\1", at + 4)
    return False

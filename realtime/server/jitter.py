"""Reassembling what the network brings, without waiting for what comes after it."""

from __future__ import annotations

from typing import cast

from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtp import RtpPacket

PICTURES = 512
"""Packets of picture kept while one before them is missing; aiortc's own number."""

SOUNDS = 2
"""Packets of sound kept, 40 ms. As many stay behind for good after a loss, so few are better."""


class PromptJitterBuffer(JitterBuffer):
    """Lets a frame go with its last packet.

    aiortc's own lets a picture go when the *next* one begins, 33 ms later, and sound after four
    more packets, 80 ms later (and after a loss sixteen, for the rest of the call). RTP marks the
    last packet of each picture, and a packet of sound is whole by itself.

    Attributes:
        first: the RTP stamp of what was let go first, which aiortc counts from; None before it.
    """

    def __init__(self, *, is_video: bool) -> None:
        self.first: int | None = None
        super().__init__(PICTURES if is_video else SOUNDS, is_video=is_video)

    def _remove_frame(self, sequence_number: int) -> JitterFrame | None:
        """Return the oldest frame if it is whole. ``JitterBuffer.add`` calls this."""
        packets: list[RtpPacket] = []
        for packet in self._in_order():
            if packets and packet.timestamp != packets[0].timestamp:
                break  # its mark was lost on the way, or never set
            packets.append(packet)
            if packet.marker or not self._is_video:
                break
        else:
            return None
        self.remove(len(packets))
        if self.first is None:
            self.first = packets[0].timestamp
        data = b"".join(cast("bytes", vars(packet)["_data"]) for packet in packets)
        return JitterFrame(data=data, timestamp=packets[0].timestamp)

    def _in_order(self) -> list[RtpPacket]:
        """Return the packets that there are, from the oldest wanted to the first missing."""
        found: list[RtpPacket] = []
        if self._origin is None:
            return found
        for count in range(self._capacity):
            packet = self._packets[(self._origin + count) % self._capacity]
            if packet is None:
                break
            found.append(packet)
        return found

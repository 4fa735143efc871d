"""RTCP sender reports: reading the browser's, and sending our own with the time of capture.

aiortc gives no way to either, so a method of its receiver and two of its sender are replaced, one
object at a time. Tests watch the names.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

from aiortc import RTCRtpReceiver, RTCRtpSender
from aiortc.rtp import RtcpSrPacket

from realtime.clock import MS, Clock

HANDLE_RTCP = "_handle_rtcp_packet"
NEXT_FRAME = "_next_encoded_frame"
SEND_RTCP = "_send_rtcp"
LAST_STAMP = "_RTCRtpSender__rtp_timestamp"
LAST_REPORT = "_RTCRtpSender__lsr"

STAMPS = 1 << 32
KEPT = 512
"""Pictures or sounds sent that are remembered: ten seconds."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that was sent: when it was captured, and when it was released to be sent."""

    captured: int
    released: int


def listen(receiver: RTCRtpReceiver, on_report: Callable[[int, int], None]) -> None:
    """Give ``on_report`` each sender report's RTP stamp and NTP time, as nanoseconds."""
    handle: Callable[[Any], Awaitable[None]] = getattr(receiver, HANDLE_RTCP)

    async def heard(packet: Any) -> None:
        if isinstance(packet, RtcpSrPacket):
            info = packet.sender_info
            on_report(info.rtp_timestamp, nanoseconds(info.ntp_timestamp))
        await handle(packet)

    setattr(receiver, HANDLE_RTCP, heard)


def nanoseconds(ntp: int) -> int:
    """Return NTP's 32.32 seconds as nanoseconds."""
    return ntp * 1000 * MS >> 32


def ntp(ns: int) -> int:
    """Return nanoseconds as NTP's 32.32 seconds."""
    return (ns << 32) // (1000 * MS)


class SenderReports:
    """Makes a sender's reports tell when what it sends was *captured*.

    aiortc's own pair a stamp with the moment of sending, so a receiver that aligns by them puts a
    picture that was filtered for 300 ms beside a sound of 300 ms later. Also tells from a stamp
    that a receiver names what was sent with it.
    """

    def __init__(
        self, sender: RTCRtpSender, rate: int, last: Callable[[], Sent], clock: Clock, epoch: int
    ) -> None:
        """Take over the reports of ``sender``.

        Args:
            sender: of one track.
            rate: units of its RTP stamps in a second.
            last: tells of what the track gave last.
            clock: the session's.
            epoch: NTP nanoseconds at the session clock's zero; one for all tracks.
        """
        self._sender = sender
        self._rate = rate
        self._last = last
        self._clock = clock
        self._epoch = epoch
        self._origin: int | None = None
        self._newest: int | None = None
        self._sent: dict[int, Sent] = {}
        self._next: Callable[[Any], Awaitable[Any]] = getattr(sender, NEXT_FRAME)
        self._send: Callable[[Any], Awaitable[None]] = getattr(sender, SEND_RTCP)
        setattr(sender, NEXT_FRAME, self._note)
        setattr(sender, SEND_RTCP, self._report)

    def sent(self, stamp: int) -> Sent | None:
        """Return what was sent with the RTP stamp ``stamp``; None where that is not known."""
        if self._origin is None:
            return None
        return self._sent.get((stamp - self._origin) % STAMPS)

    async def _note(self, codec: object) -> Any:
        if self._newest is not None and self._origin is None:  # which is on its way by now
            last = cast("int", getattr(self._sender, LAST_STAMP))
            self._origin = (last - self._newest) % STAMPS
        frame = await self._next(codec)
        if frame is not None:
            self._newest = stamp = frame.timestamp % STAMPS
            self._sent[stamp] = self._last()
            if len(self._sent) > KEPT:
                del self._sent[next(iter(self._sent))]
        return frame

    async def _report(self, packets: list[Any]) -> None:
        for packet in packets:
            if isinstance(packet, RtcpSrPacket) and not self._put_right(packet):
                return  # better no report than one that misleads
        await self._send(packets)

    def _put_right(self, packet: RtcpSrPacket) -> bool:
        info = packet.sender_info
        sent = self.sent(info.rtp_timestamp)
        if sent is None:
            return False
        now = self._clock.now()
        ahead = (now - sent.captured) * self._rate // (1000 * MS)
        info.rtp_timestamp = (info.rtp_timestamp + ahead) % STAMPS
        info.ntp_timestamp = ntp(self._epoch + now)
        # What aiortc tells the answer to this report by, when it measures the round trip.
        setattr(self._sender, LAST_REPORT, info.ntp_timestamp >> 16 & 0xFFFFFFFF)
        return True

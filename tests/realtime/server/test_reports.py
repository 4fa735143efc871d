"""Sender reports, with the objects of aiortc that they are read from and written to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiortc import RTCRtpReceiver, RTCRtpSender
from aiortc.rtp import RtcpByePacket, RtcpSdesPacket, RtcpSenderInfo, RtcpSrPacket

from realtime.clock import MS, SECOND, ManualClock
from realtime.server.reports import (
    HANDLE_RTCP,
    LAST_REPORT,
    LAST_STAMP,
    NEXT_FRAME,
    SEND_RTCP,
    SenderReports,
    Sent,
    listen,
    nanoseconds,
    ntp,
)

EPOCH = 3_900_000_000 * SECOND
ORIGIN = (1 << 32) - 4000
"""Just before the stamps go round."""


class Transport:
    """What aiortc asks of a transport before anything is sent."""

    state = "new"


class Encoded:
    """A picture as aiortc's sender passes it on."""

    def __init__(self, timestamp: int) -> None:
        self.timestamp = timestamp


class Sender:
    """The parts of aiortc's sender that are used, and what it would do with them."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.reports: list[Any] = []
        self._next: int | None = None
        vars(self)[LAST_STAMP] = 0
        vars(self)[LAST_REPORT] = None

    async def _next_encoded_frame(self, codec: object) -> Encoded | None:
        return None if self._next is None else Encoded(self._next)

    async def _send_rtcp(self, packets: list[Any]) -> None:
        self.reports += packets

    async def send(self, timestamp: int) -> None:
        """Take a picture from the track and send it."""
        self._next = timestamp
        following: Callable[[object], Awaitable[Any]] = getattr(self, NEXT_FRAME)
        await following(None)
        vars(self)[LAST_STAMP] = (ORIGIN + timestamp) % (1 << 32)

    async def report(self) -> None:
        """Report as aiortc does."""
        info = RtcpSenderInfo(1, vars(self)[LAST_STAMP], packet_count=5, octet_count=500)
        vars(self)[LAST_REPORT] = 0
        send: Callable[[list[Any]], Awaitable[None]] = getattr(self, SEND_RTCP)
        await send([RtcpSrPacket(ssrc=1, sender_info=info), RtcpSdesPacket()])


def test_the_names_of_aiortc_that_are_used_are_still_there() -> None:
    async def test() -> None:
        sender = RTCRtpSender("video", Transport())  # type: ignore[arg-type]
        for name in (NEXT_FRAME, SEND_RTCP, LAST_STAMP, LAST_REPORT):
            assert hasattr(sender, name), name
        assert hasattr(RTCRtpReceiver("video", Transport()), HANDLE_RTCP)  # type: ignore[arg-type]

    asyncio.run(test())


def test_a_report_pairs_the_stamp_with_the_moment_of_capture() -> None:
    async def test() -> None:
        clock = ManualClock()
        sender = Sender(clock)
        last = Sent(0, 0)
        reports = SenderReports(sender, 90_000, lambda: last, clock, EPOCH)  # type: ignore[arg-type]
        await sender.report()
        assert not sender.reports, "there is nothing true to report yet"
        for number in range(5):
            clock.advance(SECOND)
            last = Sent(captured=clock.now() - 300 * MS, released=clock.now())
            await sender.send(number * 90_000)
        clock.advance(40 * MS)
        await sender.report()
        info = sender.reports[0].sender_info
        assert nanoseconds(info.ntp_timestamp) == pytest.approx(EPOCH + clock.now(), abs=10)
        # The last picture was captured 340 ms before the report, and 4 s after the first.
        assert info.rtp_timestamp == (ORIGIN + 4 * 90_000 + 340 * 90) % (1 << 32)
        assert (info.packet_count, info.octet_count) == (5, 500)
        assert vars(sender)[LAST_REPORT] == info.ntp_timestamp >> 16 & 0xFFFFFFFF
        assert isinstance(sender.reports[1], RtcpSdesPacket)
        assert reports.sent((ORIGIN + 2 * 90_000) % (1 << 32)) == Sent(2700 * MS, 3000 * MS)
        assert reports.sent(12345) is None

    asyncio.run(test())


def test_reports_of_both_tracks_agree_however_late_each_is() -> None:
    async def test() -> None:
        clock = ManualClock()
        moments: list[int] = []
        for rate, late in ((90_000, 300 * MS), (48_000, 20 * MS)):
            clock = ManualClock()
            sender, sent = Sender(clock), Sent(0, 0)
            SenderReports(sender, rate, lambda: sent, clock, EPOCH)  # type: ignore[arg-type]  # noqa: B023
            for second in (1, 2, 3):
                clock.advance(second * SECOND + late - clock.now())
                sent = Sent(second * SECOND, clock.now())
                await sender.send(second * rate)
            await sender.report()
            info = sender.reports[0].sender_info
            # When was what has the stamp of the third second captured, by the report?
            ahead = (info.rtp_timestamp - ORIGIN - 3 * rate) % (1 << 32)
            moments.append(nanoseconds(info.ntp_timestamp) - ahead * SECOND // rate - EPOCH)
        assert moments == [pytest.approx(3 * SECOND, abs=MS // 10)] * 2

    asyncio.run(test())


def test_a_goodbye_passes() -> None:
    async def test() -> None:
        sender = Sender(ManualClock())
        SenderReports(sender, 90_000, lambda: Sent(0, 0), ManualClock(), EPOCH)  # type: ignore[arg-type]
        await getattr(sender, SEND_RTCP)([RtcpByePacket(sources=[1])])
        assert len(sender.reports) == 1

    asyncio.run(test())


def test_what_the_browser_reports_is_heard_and_passed_on() -> None:
    async def test() -> None:
        heard: list[tuple[int, int]] = []
        passed: list[Any] = []

        class Receiver:
            async def _handle_rtcp_packet(self, packet: Any) -> None:
                passed.append(packet)

        receiver = Receiver()
        listen(receiver, lambda stamp, at: heard.append((stamp, at)))  # type: ignore[arg-type]
        report = RtcpSrPacket(1, RtcpSenderInfo(ntp(EPOCH + 500 * MS), 777, 0, 0))
        for packet in (report, RtcpByePacket(sources=[1])):
            await getattr(receiver, HANDLE_RTCP)(packet)
        assert heard == [(777, pytest.approx(EPOCH + 500 * MS, abs=2))]
        assert len(passed) == 2

    asyncio.run(test())

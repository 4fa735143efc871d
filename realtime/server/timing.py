"""What keeps one call's picture and sound in step, from the browser's capture to its screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from realtime.clock import MS, Clock
from realtime.server.capture import CaptureClock, Kind
from realtime.server.inbound import Stamps
from realtime.server.playout import Played, Playout
from realtime.server.reports import SenderReports, Sent
from realtime.server.webrtc import RTCRtpSender
from realtime.sync import Start

RATES: dict[Kind, int] = {"video": 90_000, "audio": 48_000}
"""Units of an RTP stamp in a second, of what is sent."""

NTP_EPOCH = 2_208_988_800 * 1000 * MS
"""From 1900 to 1970."""

MOST = 64
"""Stamps of each kind that one message is read for; a page sees 15 pictures between two."""

PATIENCE = 1500 * MS
"""How long the track that comes first waits for the other."""


class Timing:
    """Belongs to the event loop, as the tracks do.

    Attributes:
        stamps: by kind, the time stamps of what the browser sends.
        playout: when what comes is released again.
        start: when the first of it may be.
    """

    def __init__(self, clock: Clock) -> None:
        capture = CaptureClock()
        self.stamps: dict[Kind, Stamps] = {k: Stamps(k, capture, clock) for k in RATES}
        self.playout = Playout()
        self.start = Start(RATES, PATIENCE)
        self._clock = clock
        # Wall time once, so that both tracks' reports stay together should it be set.
        self._epoch = NTP_EPOCH + time.time_ns() - clock.now()
        self._reports: dict[Kind, SenderReports] = {}

    def reported(self, kind: Kind, first: int | None, stamp: int, ntp: int) -> None:
        """Take in one of the browser's sender reports."""
        self.stamps[kind].reported(first, stamp, ntp)

    def follow(self, kind: Kind, sender: RTCRtpSender, last: Callable[[], Sent]) -> None:
        """Let ``sender`` report captures, and learn from the page what became of what it sends."""
        self._reports[kind] = self.report(kind, sender, last)

    def report(self, kind: Kind, sender: RTCRtpSender, last: Callable[[], Sent]) -> SenderReports:
        """Let the reports of ``sender`` tell of captures; ``last`` is what its track gave last."""
        return SenderReports(sender, RATES[kind], last, self._clock, self._epoch)

    def played(
        self, pictures: Sequence[Sequence[float]], sounds: Sequence[Sequence[float]]
    ) -> None:
        """Take in what the page shows and plays: RTP stamps, and milliseconds on its clock."""
        self.playout.received(self._known("video", pictures), self._known("audio", sounds))

    def _known(self, kind: Kind, told: Sequence[Sequence[float]]) -> Played:
        reports = self._reports.get(kind)
        if reports is None:
            return []
        sent = ((reports.sent(round(stamp)), round(at * MS)) for stamp, at in told[-MOST:])
        return [(known, at) for known, at in sent if known is not None]

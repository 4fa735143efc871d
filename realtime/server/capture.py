"""When the browser's pictures and sounds were captured, on the session clock.

A browser stamps each track in its own units and from a random start. Its RTCP sender reports say
which stamp belongs to which moment of *its* clock, the same clock for both tracks: that gives what
lies between a picture and a sound exactly. Where its clock stands against ours cannot be known;
what arrives says how far it is at most. So a moment of the browser's is taken for as late as the
quickest packets allow, of that track that is slower on its way: the delay that all of them have in
common is left out, and no picture seems older than it is when nothing held it up.
"""

from __future__ import annotations

from collections import deque
from statistics import median_low
from typing import Literal

from realtime.clock import MS, SECOND

Kind = Literal["video", "audio"]


REPORTS = 5
"""Sender reports that the relation is the median of; one comes every one to five seconds."""

MEMORY_S = 15
"""How long a quick packet counts: two clocks drift apart by less than 2 ms in this time."""

SHIFT = 5 * MS
"""A report that differs by more is believed at once: reports agree to half a millisecond, but a
microphone on a busy machine drops some sound, whose stamps then do not go on as time does."""

STOPPED = SECOND
"""Packets later than the quickest by more than that were not held up: their stamps have stood still
or begun anew, or run at another rate than they say."""

APART = 1500 * MS
"""Tracks that their reports put further apart than this in travelling are not to be believed."""


class _Least:
    """The least value of the last seconds."""

    def __init__(self) -> None:
        self._seconds: deque[tuple[int, int]] = deque()
        self.value: int | None = None

    def add(self, value: int, now: int) -> None:
        if self.value is not None and value - self.value > STOPPED:
            self.clear()
        second = now // SECOND
        if not self._seconds or self._seconds[-1][0] != second:
            self._seconds.append((second, value))
            while self._seconds[0][0] <= second - MEMORY_S:
                self._seconds.popleft()
            self.value = min(least for _, least in self._seconds)
        elif value < self._seconds[-1][1]:
            self._seconds[-1] = (second, value)
            self.value = value if self.value is None else min(self.value, value)

    def clear(self) -> None:
        self._seconds.clear()
        self.value = None


class _Source:
    """One track: from its media time to the browser's clock, and how quick it is on its way."""

    def __init__(self) -> None:
        self._reports: deque[int] = deque(maxlen=REPORTS)
        self._offset: int | None = None
        self.by_arrival = _Least()
        self.by_report = _Least()

    def arrived(self, media: int, now: int) -> None:
        self.by_arrival.add(now - media, now)
        if self._offset is not None:
            self.by_report.add(now - media - self._offset, now)

    def reported(self, media: int, ntp: int) -> None:
        offset = ntp - media
        if self._offset is not None and abs(offset - self._offset) > SHIFT:
            self._reports.clear()
            self.by_report.clear()
        self._reports.append(offset)
        self._offset = median_low(self._reports)

    def of(self, media: int) -> int | None:
        return None if self._offset is None else media + self._offset


class CaptureClock:
    """Tells for both tracks when something was captured; until their reports, by its arrival."""

    def __init__(self) -> None:
        self._sources: dict[Kind, _Source] = {"video": _Source(), "audio": _Source()}

    def arrived(self, kind: Kind, media: int, now: int) -> int:
        """Return when what arrived at ``now`` was captured; ``media`` is its stamp, nanoseconds."""
        source = self._sources[kind]
        source.arrived(media, now)
        told, lag = source.of(media), self._lag()
        if told is not None and lag is not None:
            return told + lag
        quickest = source.by_arrival.value
        return now if quickest is None else media + quickest

    def reported(self, kind: Kind, media: int, ntp: int) -> None:
        """Take in a sender report: ``media`` is captured at ``ntp`` of the browser's clock."""
        self._sources[kind].reported(media, ntp)

    @property
    def told(self) -> bool:
        """Whether the tracks' relation is known by the browser's reports."""
        return self._lag() is not None

    def _lag(self) -> int | None:
        """Return what to add to the browser's clock; None while a track lacks its report."""
        coming = [s for s in self._sources.values() if s.by_arrival.value is not None]
        lags = [s.by_report.value for s in coming]
        known = [lag for lag in lags if lag is not None]
        if not known or len(known) < len(lags) or max(known) - min(known) > APART:
            return None
        return max(known)

"""When each sample of a device was in the air: its own clock, seen through jittery blocks."""

from __future__ import annotations

from math import pi, sqrt

from realtime.clock import SECOND

JUMP = SECOND // 25
"""How far a block may be off before time is set anew: sound was lost, or the device restarted."""

DRIFT = 0.002
"""The most by which a device's rate may differ from the nominal; real ones stay below 0.0002."""

WIDE_HZ, NARROW_HZ = 1.0, 0.05
"""Bandwidth of the loop at first, to find the device's time, and later, to smooth its jitter."""

SETTLED_S = 8.0

STEADY = 3 * SECOND // 2
"""How long a device runs before its times are believed; some first give what they had stored."""


class SampleClock:
    """A delay-locked loop from the position of a sample to its time on the session clock.

    Blocks are stamped by whoever wakes up for them, now early, now late; the device itself is
    steady. The loop follows the mean and lets the jitter go.
    """

    def __init__(self, rate: int) -> None:
        self._nominal = SECOND / rate
        self._period = self._nominal
        self._position = 0
        self._time: float | None = None
        self._since = 0
        self.jumps = 0

    def note(self, position: int, time: int, *, gap: bool = False) -> None:
        """Take in that the sample at ``position`` was in the air at ``time``.

        ``gap`` says that some were lost on the way, so that what was known of time holds no more.
        """
        if self._time is None or gap:
            self._set(position, time)
            return
        samples = position - self._position
        expected = self._time + samples * self._period
        error = time - expected
        if abs(error) > JUMP:
            self.jumps += 1
            self._set(position, time)
            return
        seconds = samples * self._nominal / SECOND
        age = (position - self._since) * self._nominal / SECOND
        width = WIDE_HZ if age < 1 else max(NARROW_HZ, WIDE_HZ * (1 - age / SETTLED_S))
        omega = min(0.5, 2 * pi * width * seconds)
        self._time = expected + sqrt(2) * omega * error
        self._position = position
        if samples > 0 and age > 1:
            bend = omega * omega * error / samples
            most = self._nominal * DRIFT
            off = self._period + bend - self._nominal
            self._period = self._nominal + min(most, max(-most, off))

    @property
    def steady(self) -> bool:
        """Whether the device has run without a jump for long enough to be believed."""
        return (self._position - self._since) * self._nominal >= STEADY

    def time_of(self, position: float) -> int | None:
        """Return when the sample at ``position`` was, or will be, in the air; None before any."""
        if self._time is None:
            return None
        return round(self._time + (position - self._position) * self._period)

    def position_at(self, time: int) -> float | None:
        """Return which sample was in the air at ``time``, with its fraction; None before any."""
        if self._time is None:
            return None
        return self._position + (time - self._time) / self._period

    def _set(self, position: int, time: int) -> None:
        self._position, self._time, self._since = position, float(time), position
        self._period = self._nominal

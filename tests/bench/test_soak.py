from __future__ import annotations

import pytest

from bench.av_sync.browser import Heard
from bench.memory import Sample
from bench.soak import Reading, summary
from realtime.clock import MS
from realtime.commands.errors import CommandError

HALF_AN_HOUR = 1800


def readings(*, leak: float = 0.0, returned: int = 300) -> list[Reading]:
    """Half an hour in windows of 10 s; ``leak`` is in MiB a minute."""
    return [
        Reading(
            Sample(10.0 * (i + 1), 300 + leak * i / 6 + (50 if i == 0 else 0)),
            400.0,
            300,
            returned - 15 * (i == 0),
            10.0,
        )
        for i in range(HALF_AN_HOUR // 10)
    ]


def heard(*, rise: float = 0.0, drift: float = 0.0) -> Heard:
    """A flash and a beep a second; from the middle on both come later by ``rise``, beeps earlier
    by ``drift``, milliseconds.
    """
    found = Heard()
    for second in range(HALF_AN_HOUR):
        # No gap is like the one before, as in the clip.
        at, late = second * 1000 + 37 * (second % 7), second >= HALF_AN_HOUR // 2
        picture, sound = 50 + rise * late, 50 + (rise - drift) * late
        for side, flash, beep in (("before", 0.0, 0.0), ("after", picture, sound)):
            lit = [(round((at + flash + t) * MS), 235.0 if 0 <= t < 120 else 16.0)
                   for t in range(-33, 600, 33)]  # fmt: skip
            loud = [(round((at + beep + t) * MS), 0.3 * (0 <= t < 80)) for t in range(-5, 120)]
            found.pictures[side] += lit
            found.sounds[side] += loud
    return found


def test_a_steady_call_grows_nowhere():
    age, memory, sync = summary(readings(), heard())
    assert age.p50_ms == pytest.approx(50)
    assert (age.extra["rise_ms"], age.extra["fps_lowest"]) == (0, 28.5)
    assert memory.extra["growth_mib_per_minute"] == 0
    assert memory.extra["first_mib"] == 300, "the first minute fills buffers"
    assert (sync.extra["drift_ms"], sync.extra["inside"]) == (0, True)


def test_what_grows_is_told():
    age, memory, sync = summary(readings(leak=2.0), heard(rise=12.0, drift=7.0))
    assert age.extra["rise_ms"] == pytest.approx(12)
    assert memory.extra["growth_mib_per_minute"] == pytest.approx(2, abs=0.01)
    assert sync.extra["drift_ms"] == pytest.approx(7, abs=0.1)


def test_a_call_that_stood_still_is_no_measurement():
    with pytest.raises(CommandError, match="stood still"):
        summary(readings(returned=15), heard())

from __future__ import annotations

import pytest

from bench.av_sync.detect import Offset
from bench.memory import Sample
from bench.soak import Reading, summary
from realtime.clock import MS
from realtime.commands.errors import CommandError


def readings(*, rise: float = 0.0, leak: float = 0.0) -> list[Reading]:
    """Half an hour in windows of 10 s: ``rise`` is in ms, ``leak`` in MiB a minute."""
    return [
        Reading(
            Sample(10.0 * (i + 1), 300 + leak * i / 6 + (50 if i == 0 else 0)),
            400.0,
            [round((50 + rise * (i >= 120)) * MS)] * 30,
            30.0 if i else 28.5,
            0.01,
        )
        for i in range(180)
    ]


def offsets(*, drift: float = 0.0) -> list[Offset]:
    """One a second for half an hour; ``drift`` ms from the middle on."""
    return [Offset(at * 1000 * MS, round(drift * (at >= 900) * MS)) for at in range(1800)]


def test_a_steady_call_grows_nowhere():
    age, memory, sync = summary(readings(), offsets())
    assert (age.p50_ms, age.extra["rise_ms"], age.extra["fps_lowest"]) == (50, 0, 28.5)
    assert memory.extra["growth_mib_per_minute"] == 0
    assert (sync.extra["drift_ms"], sync.extra["inside"]) == (0, True)
    assert memory.extra["first_mib"] == 300, "the first minute fills buffers"


def test_what_grows_is_told():
    age, memory, sync = summary(readings(rise=12.0, leak=2.0), offsets(drift=7.0))
    assert sync.extra["drift_ms"] == pytest.approx(7)
    assert age.extra["rise_ms"] == pytest.approx(12)
    assert memory.extra["growth_mib_per_minute"] == pytest.approx(2, abs=0.01)


def test_a_call_that_stood_still_is_no_measurement():
    still = [Reading(r.memory, 0.0, [], 0.0, 1.0) for r in readings()]
    with pytest.raises(CommandError, match="stood still"):
        summary(still, [])

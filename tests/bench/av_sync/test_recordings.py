"""The measurement of recordings, on two seconds of them."""

from __future__ import annotations

from pathlib import Path

from bench.av_sync.figures import MEDIAN_BAR_MS
from bench.av_sync.recordings import both, record
from realtime.clock import MS


def test_a_recording_is_in_step_however_late_the_filter_is(tmp_path: Path) -> None:
    recorded = record(2.6, lambda _: 150, tmp_path)
    assert len(recorded.wet) >= 2
    assert all(abs(offset.ns) < MEDIAN_BAR_MS * MS for offset in recorded.wet + recorded.dry)
    assert recorded.apart < 1 * MS
    rows = both("late", recorded)
    assert [row.extra["inside"] for row in rows] == [True, True]

from __future__ import annotations

import pytest

from bench.av_sync.browser import Heard
from bench.av_sync.clip import marks
from bench.av_sync.detect import Offset, tone_onsets
from bench.av_sync.figures import drift, limits, offset_row, settled, step_time
from realtime.clock import MS, SECOND


def offsets(*milliseconds: float) -> list[Offset]:
    return [Offset(i * SECOND, round(ms * MS)) for i, ms in enumerate(milliseconds)]


def test_a_row_tells_which_way_and_how_far() -> None:
    row = offset_row("here", offsets(-10, -12, -8, -30, 5))
    assert row.extra["median_ms"] == -10
    assert row.p95_ms == 30
    assert row.extra["inside"] is True
    assert offset_row("here", offsets(*[25] * 9)).extra["inside"] is False, "the median"
    assert offset_row("here", offsets(0, 0, 0, 60)).extra["inside"] is False, "the worst"
    assert offset_row("nothing", []).extra == {"count": 0, "inside": False}


def test_drift_is_the_end_against_the_beginning() -> None:
    assert drift(offsets(*[i * 0.1 for i in range(100)])) == pytest.approx(8.0)
    assert drift(offsets(1, 2, 3)) is None


def test_a_step_is_felt_until_the_last_that_is_outside() -> None:
    assert settled(offsets(0, 0, 180, 90, 20, 5, 5, 5), SECOND) == 2
    assert settled(offsets(0, 0, 5, 20, 20), SECOND) == 0
    assert settled(offsets(0, 0, 180, 5, 5, 60, 5, 5), SECOND) == 1, "one alone does not count"
    assert settled(offsets(0, 0, 180, 5, 5, 60, 60, 5), SECOND) == 5
    assert settled(offsets(0, 0), SECOND) is None


def test_the_step_is_found_where_delays_rise_most() -> None:
    took = [80, 95, 80, 140, 80, 85, 280, 290, 280, 275, 300, 280]
    delays = [(i * SECOND, ms * MS) for i, ms in enumerate(took)]
    assert step_time(delays) == 5 * SECOND
    assert step_time(delays[:5]) is None


def test_what_is_outside_the_bars_is_named() -> None:
    good, bad = offset_row("a", offsets(0, 1, 2)), offset_row("b", offsets(50, 50, 50))
    slow = offset_row("c", offsets(0, 0, 0), settled_s=4.0)
    assert limits([good]).startswith("all inside")
    assert limits([good, bad, slow]) == "outside: av-sync b, av-sync c"


def test_the_beginning_of_a_tone_is_found_within_its_millisecond() -> None:
    for share in (0.1, 0.4, 0.5, 0.9):  # how much of the first millisecond is silent
        strengths = [0.0] * 150 + [0.25 * (1 - share)] + [0.25] * 79 + [0.0] * 150
        found = tone_onsets([(i * MS, s) for i, s in enumerate(strengths)])
        assert found == [pytest.approx((150 + share) * MS, abs=0.02 * MS)]
    assert tone_onsets([(i * MS, 0.001) for i in range(100)]) == []


def test_what_lies_between_camera_and_microphone_is_taken_off() -> None:
    """Each side as listen.js notes it: the sound 3.2 s later, and 35 ms less delayed."""

    def pictures(late: int) -> list[list[float]]:
        times = [i * 1000 / 30 for i in range(900)]
        lit = [at / MS for at in marks(30)]
        return [[t + late, 200 if any(0 <= t - m < 130 for m in lit) else 20] for t in times]

    def sounds(late: int) -> list[tuple[float, list[float]]]:
        strengths = [0.0] * 34_000
        for at in marks(30):
            strengths[round(at / MS) : round(at / MS) + 80] = [0.25] * 80
        return [(start + late, strengths[start : start + 10]) for start in range(0, 34_000, 10)]

    heard = Heard()
    heard.add(
        {
            "pictures": {"before": pictures(0), "after": pictures(85)},
            "sounds": {"before": sounds(3200), "after": sounds(3250)},
            "telemetry": [],
            "output_ms": 30.0,
        }
    )
    found = heard.offsets()
    assert len(found) >= 24
    assert {round(offset.ns / MS) for offset in found} <= {34, 35, 36}
    assert {round(delay / MS) for _, delay in heard.picture_delays()} == {85}

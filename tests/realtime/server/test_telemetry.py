from __future__ import annotations

import pytest

from engines.placement import Placement
from realtime.clock import MS
from realtime.filter import FilterState
from realtime.server.telemetry import STARVED, Gauges, Rate, Recent, Telemetry
from realtime.stage import Percentiles
from realtime.types import Rung


def test_a_rate_counts_the_last_two_seconds() -> None:
    rate = Rate()
    assert rate.per_second(0) == 0
    for i in range(300):
        rate.tick(i * 20 * MS)
    assert rate.per_second(299 * 20 * MS) == pytest.approx(50)


def test_a_rate_falls_to_nothing_when_nothing_comes() -> None:
    rate = Rate()
    for i in range(30):
        rate.tick(i * 33 * MS)
    assert rate.per_second(1000 * MS) == pytest.approx(29, abs=1)
    assert rate.per_second(1900 * MS) < 20
    assert rate.per_second(4000 * MS) == 0


def test_recent_forgets() -> None:
    recent = Recent(window=10)
    assert recent.percentiles() is None
    for value in (*[1000] * 50, *range(1, 11)):
        recent.add(value)
    assert recent.percentiles() == Percentiles(5, 9)


def test_a_call_without_pictures_is_starved() -> None:
    gauges = Gauges(began=MS)
    assert not gauges.starved(STARVED)
    assert gauges.starved(STARVED + 2 * MS), "none has ever come"
    gauges.received.tick(STARVED + 3 * MS)
    assert not gauges.starved(STARVED + 4 * MS)
    assert gauges.starved(2 * STARVED + 4 * MS), "they stopped"


def test_the_page_is_told_milliseconds_and_words() -> None:
    told = Telemetry(
        fps_in=29.96,
        fps_out=30.04,
        age=Percentiles(12_345_678, 20 * MS),
        stages={"locate": Percentiles(3 * MS, 4 * MS)},
        rung=Rung.REUSE,
        faces=1,
        dropped=2,
        silences=3,
        lost_sound=4,
        av_offset=-12_340_000,
        playout_delay=95 * MS,
        kbps_in=1234.5,
        kbps_out=2000.2,
        loss=0.05,
        worker=FilterState.HUNG,
        starved=True,
        places=(Placement("face_mesh", "openvino on CPU", {"tensorrt": "there is no GPU" * 99}),),
    ).as_message()
    assert told == {
        "type": "telemetry",
        "fps_in": 30.0,
        "fps_out": 30.0,
        "age_ms": {"p50": 12.35, "p95": 20.0},
        "stages_ms": {"locate": {"p50": 3.0, "p95": 4.0}},
        "rung": "reuse",
        "faces": 1,
        "dropped": 2,
        "silences": 3,
        "lost_sound": 4,
        "av_offset_ms": -12.3,
        "playout_delay_ms": 95.0,
        "kbps_in": 1234.0,
        "kbps_out": 2000.0,
        "loss": 0.05,
        "recording": False,
        "worker": "restarting",
        "starved": True,
        "networks": [
            {
                "name": "face_mesh",
                "runs_on": "openvino on CPU",
                "not_on": {"tensorrt": ("there is no GPU" * 99)[:200]},
            }
        ],
        "voice": None,
    }

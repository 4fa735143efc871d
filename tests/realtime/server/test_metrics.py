from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from realtime.clock import MS
from realtime.filter import FilterState
from realtime.server.metrics import Figures, Metrics
from realtime.server.telemetry import Telemetry
from realtime.stage import Percentiles
from realtime.types import Rung

TOLD = Telemetry(
    fps_in=30.0,
    fps_out=29.5,
    age=Percentiles(20 * MS, 45 * MS),
    stages={"locate": Percentiles(3 * MS, 4 * MS)},
    rung=Rung.REUSE,
    faces=1,
    dropped=7,
    silences=3,
    lost_sound=4,
    av_offset=-5 * MS,
    kbps_out=2000.0,
    worker=FilterState.HUNG,
    restarts=2,
    starved=True,
)


def samples(figures: Figures) -> dict[tuple[str, ...], float]:
    """Return value by name and labels, in the order of the labels' names."""
    text = Metrics(lambda: figures).text().decode()
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_figures_of_each_call_are_in_base_units() -> None:
    found = samples(Figures(5, 1, [(4, TOLD)]))
    assert found["visavis_calls",] == 1
    assert found["visavis_calls_begun_total",] == 5
    assert found["visavis_calls_refused_total",] == 1
    assert found["visavis_fps_out", "4"] == 29.5
    assert found["visavis_picture_age_seconds", "4", "0.95"] == 0.045
    assert found["visavis_stage_seconds", "4", "0.5", "locate"] == 0.003
    assert found["visavis_av_offset_seconds", "4"] == -0.005
    assert found["visavis_out_bits_per_second", "4"] == 2e6
    assert found["visavis_dropped_pictures_total", "4"] == 7
    assert found["visavis_silent_sound_blocks_total", "4"] == 3
    assert found["visavis_lost_sound_blocks_total", "4"] == 4
    assert found["visavis_worker_restarts_total", "4"] == 2
    assert found["visavis_starved", "4"] == 1
    assert [found["visavis_worker", "4", s.value] for s in FilterState] == [0, 0, 1, 0]
    assert [found["visavis_rung", "4", r.value] for r in Rung] == [0, 0, 1, 0, 0]


def test_what_is_not_known_is_left_out() -> None:
    found = samples(Figures(1, 0, [(1, TOLD)]))
    assert ("visavis_playout_delay_seconds", "1") not in found
    assert ("visavis_loss_ratio", "1") not in found


def test_calls_come_and_go() -> None:
    assert not any("1" in key for key in samples(Figures(1, 0, [])))

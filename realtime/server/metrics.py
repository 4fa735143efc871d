"""Figures for Prometheus, read off the calls when it asks: nothing is counted twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from realtime.clock import MS
from realtime.filter import FilterState
from realtime.server.telemetry import Telemetry
from realtime.stage import Percentiles
from realtime.types import Rung

__all__ = ["CONTENT_TYPE_LATEST", "Figures", "Metrics"]

S = 1000 * MS


@dataclass(frozen=True, slots=True)
class Figures:
    """What is to be told at one moment.

    Attributes:
        begun: calls since the start.
        refused: calls for which there was no room.
        calls: (number, telemetry) of each that runs; no session's id, which is a secret.
        osc: datagrams or messages by what became of them; None where OSC is off.
    """

    begun: int
    refused: int
    calls: Sequence[tuple[int, Telemetry]]
    osc: Mapping[str, int] | None = None


class Metrics:
    """Writes the figures in Prometheus' text format, from a registry of its own."""

    def __init__(self, read: Callable[[], Figures]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Calls(read))

    def text(self) -> bytes:
        """Return everything as it is now."""
        return generate_latest(self._registry)


class _Calls(Collector):
    def __init__(self, read: Callable[[], Figures]) -> None:
        self._read = read

    def describe(self) -> Iterable[Metric]:
        return ()  # what there is depends on the calls; asked for only when two would clash

    def collect(self) -> Iterable[Metric]:
        figures = self._read()
        yield GaugeMetricFamily("visavis_calls", "Calls that run.", len(figures.calls))
        yield CounterMetricFamily("visavis_calls_begun", "Calls so far.", figures.begun)
        yield CounterMetricFamily("visavis_calls_refused", "Calls without room.", figures.refused)
        for name, about, value in GAUGES:
            yield _family(GaugeMetricFamily(name, about, labels=["call"]), figures, value)
        for name, about, value in COUNTERS:
            yield _family(CounterMetricFamily(name, about, labels=["call"]), figures, value)
        if figures.osc is not None:
            osc = CounterMetricFamily("visavis_osc", "OSC, by what became of it.", labels=["fate"])
            for fate, number in figures.osc.items():
                osc.add_metric([fate], number)
            yield osc
        yield _ages(figures)
        yield _stages(figures)
        yield _states(figures)
        yield _rungs(figures)


Value = Callable[[Telemetry], float | None]

GAUGES: tuple[tuple[str, str, Value], ...] = (
    ("visavis_fps_in", "Pictures a second from the browser.", lambda t: t.fps_in),
    (
        "visavis_fps_out",
        "Pictures a second back to it; where it only sends (WHIP), to who watches the longest.",
        lambda t: t.fps_out,
    ),
    ("visavis_fps_filtered", "Pictures a second that are finished.", lambda t: t.fps_filtered),
    ("visavis_watchers", "Who watch the call (WHEP).", lambda t: t.watchers),
    ("visavis_faces", "Faces in the last picture.", lambda t: t.faces),
    (
        "visavis_av_offset_seconds",
        "Picture minus sound as they are released; positive where the sound is early.",
        lambda t: None if t.av_offset is None else t.av_offset / S,
    ),
    (
        "visavis_playout_delay_seconds",
        "From capture to release.",
        lambda t: None if t.playout_delay is None else t.playout_delay / S,
    ),
    ("visavis_in_bits_per_second", "From the browser.", lambda t: _kilo(t.kbps_in)),
    ("visavis_out_bits_per_second", "To the browser.", lambda t: _kilo(t.kbps_out)),
    ("visavis_loss_ratio", "Share of what was sent that did not arrive.", lambda t: t.loss),
    ("visavis_starved", "1 where the browser sends no pictures.", lambda t: t.starved),
    ("visavis_recording", "1 where something is recorded.", lambda t: t.recording),
)

COUNTERS: tuple[tuple[str, str, Value], ...] = (
    ("visavis_dropped_pictures", "Pictures that a newer one overtook.", lambda t: t.dropped),
    ("visavis_silent_sound_blocks", "20 ms that had to be silence.", lambda t: t.silences),
    ("visavis_lost_sound_blocks", "20 ms that had to be left out.", lambda t: t.lost_sound),
    ("visavis_worker_restarts", "Filters begun anew.", lambda t: t.restarts),
)


def _family(
    family: GaugeMetricFamily | CounterMetricFamily, figures: Figures, value: Value
) -> Metric:
    for number, told in figures.calls:
        found = value(told)
        if found is not None:
            family.add_metric([str(number)], float(found))
    return family


def _ages(figures: Figures) -> Metric:
    family = GaugeMetricFamily(
        "visavis_picture_age_seconds", "From arrival to release.", labels=["call", "quantile"]
    )
    for number, told in figures.calls:
        if told.age is not None:
            _add(family, [str(number)], told.age)
    return family


def _stages(figures: Figures) -> Metric:
    family = GaugeMetricFamily(
        "visavis_stage_seconds", "What a stage takes.", labels=["call", "stage", "quantile"]
    )
    for number, told in figures.calls:
        for stage, spent in told.stages.items():
            _add(family, [str(number), stage], spent)
    return family


def _states(figures: Figures) -> Metric:
    family = GaugeMetricFamily(
        "visavis_worker", "1 at the state that the filter is in.", labels=["call", "state"]
    )
    for number, told in figures.calls:
        for state in FilterState:
            family.add_metric([str(number), state.value], float(told.worker is state))
    return family


def _rungs(figures: Figures) -> Metric:
    family = GaugeMetricFamily(
        "visavis_rung", "1 at what the deadline left time for.", labels=["call", "rung"]
    )
    for number, told in figures.calls:
        for rung in Rung:
            family.add_metric([str(number), rung.value], float(told.rung is rung))
    return family


def _add(family: GaugeMetricFamily, labels: list[str], spent: Percentiles) -> None:
    family.add_metric([*labels, "0.5"], spent.p50 / S)
    family.add_metric([*labels, "0.95"], spent.p95 / S)


def _kilo(kbps: float | None) -> float | None:
    return None if kbps is None else kbps * 1000

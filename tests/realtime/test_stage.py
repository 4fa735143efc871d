"""Stages are timed, and what they will cost is foreseen from what they did."""

from __future__ import annotations

from realtime.clock import MS, Deadline, ManualClock
from realtime.stage import Meter
from tests.realtime.steps import Step


def run(meter: Meter, step: Step[int, int], *costs: int) -> None:
    for cost in costs:
        step.cost = cost
        meter.time(step, 0)


def ready() -> tuple[ManualClock, Meter, Step[int, int]]:
    clock = ManualClock()
    return clock, Meter(clock), Step("work", clock, lambda x: x + 1)


def test_a_stage_is_timed_and_its_answer_handed_on():
    clock, meter, step = ready()
    step.cost = 7 * MS
    assert meter.time(step, 41) == 42
    assert meter.last == {"work": 7 * MS}
    assert clock.now() == 7 * MS


def test_an_unknown_stage_is_expected_to_be_free():
    _, meter, _ = ready()
    assert meter.expect("work") == 0
    assert meter.percentiles() == {}


def test_the_slowest_runs_are_what_is_expected():
    _, meter, step = ready()
    run(meter, step, *[5 * MS] * 15, 30 * MS, *[5 * MS] * 14, 30 * MS, 30 * MS)
    assert meter.expect("work") == 30 * MS
    assert meter.percentiles()["work"].p50 == 5 * MS
    assert meter.percentiles()["work"].p95 == 30 * MS


def test_one_outlier_in_a_long_row_does_not_count():
    _, meter, step = ready()
    run(meter, step, *[5 * MS] * 40, 90 * MS, *[5 * MS] * 20)
    assert meter.expect("work") == 5 * MS


def test_costs_of_stages_add_up_against_the_deadline():
    clock, meter, step = ready()
    other = Step[int, int]("other", clock, lambda x: x)
    run(meter, step, 10 * MS)
    run(meter, other, 15 * MS)
    assert meter.expect("work", "other") == 25 * MS
    assert meter.fits(Deadline(clock.now() + 25 * MS), "work", "other")
    assert not meter.fits(Deadline(clock.now() + 24 * MS), "work", "other")
    assert meter.fits(Deadline(clock.now() + 24 * MS), "work")


def test_a_stage_that_was_slow_is_given_another_chance_after_a_second():
    clock, meter, step = ready()
    run(meter, step, 500 * MS, 500 * MS)
    soon = Deadline(clock.now() + 1200 * MS + 20 * MS)
    clock.advance(900 * MS)
    assert not meter.fits(soon, "work")
    clock.advance(300 * MS)
    assert meter.fits(soon, "work")
    run(meter, step, 4 * MS)
    assert meter.expect("work") == 4 * MS


def test_old_runs_leave_the_window():
    _, meter, step = ready()
    run(meter, step, *[50 * MS] * 64, *[2 * MS] * 64)
    assert meter.percentiles()["work"].p95 == 2 * MS

from __future__ import annotations

from dataclasses import replace

import pytest

from realtime.filter import FilterState
from realtime.server.telemetry import Telemetry
from realtime.server.vitals import Condition, report, vital_of

FINE = Telemetry(30.0, 29.96, None, {}, None, 1, 0, 0, 0)


@pytest.mark.parametrize(
    ("told", "condition", "status", "summary"),
    [
        (None, Condition.WAITING, 200, "ok"),
        (FINE, Condition.OK, 200, "ok"),
        (replace(FINE, worker=FilterState.STARTING, starved=True), Condition.STARTING, 200, "ok"),
        (replace(FINE, starved=True), Condition.STARVED, 200, "degraded"),
        (replace(FINE, worker=FilterState.HUNG), Condition.HUNG, 503, "degraded"),
        (replace(FINE, worker=FilterState.DEAD, starved=True), Condition.DEAD, 503, "degraded"),
    ],
)
def test_each_fault_is_told_apart(
    told: Telemetry | None, condition: Condition, status: int, summary: str
) -> None:
    vital = vital_of(3, told)
    assert vital.condition is condition
    code, body = report([vital_of(2, FINE), vital], details=True)
    assert (code, body["status"]) == (status, summary)


def test_details_name_the_call_and_are_only_for_who_may_see_them() -> None:
    vitals = [vital_of(1, FINE), vital_of(2, replace(FINE, worker=FilterState.DEAD, restarts=4))]
    _, body = report(vitals, details=True)
    assert body["calls"] == [
        {"call": 1, "condition": "ok", "restarts": 0, "fps_out": 30.0},
        {"call": 2, "condition": "dead worker", "restarts": 4, "fps_out": 30.0},
    ]
    assert report(vitals, details=False) == (503, {"status": "degraded"})


def test_a_server_without_calls_is_well() -> None:
    assert report([], details=True) == (200, {"status": "ok", "calls": []})

"""How the calls are: what is wrong, and whose fault it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from realtime.filter import FilterState
from realtime.server.telemetry import Telemetry


class Condition(str, Enum):
    """What one call is at, the worst first."""

    DEAD = "dead worker"
    HUNG = "hung model"
    STARTING = "starting"
    STARVED = "starved input"  # the browser or the network brings nothing to filter
    WAITING = "waiting"  # nobody has sent an offer yet
    OK = "ok"


OURS = (Condition.DEAD, Condition.HUNG)
"""What a restart of the server could mend."""

FINE = (Condition.OK, Condition.WAITING, Condition.STARTING)


@dataclass(frozen=True, slots=True)
class Vital:
    """One call's health.

    Attributes:
        call: its number.
        condition: what it is at.
        restarts: how often its filter had to be begun anew.
        fps_out: pictures a second that it gives.
    """

    call: int
    condition: Condition
    restarts: int
    fps_out: float


def vital_of(call: int, told: Telemetry | None) -> Vital:
    """Judge a call by its telemetry; None is a call that has not begun."""
    if told is None:
        return Vital(call, Condition.WAITING, 0, 0.0)
    return Vital(call, _condition(told), told.restarts, told.fps_out)


def report(vitals: Iterable[Vital], *, details: bool) -> tuple[int, Mapping[str, object]]:
    """Return the HTTP status and what to say.

    A starved call is told of but is no reason for 503: whoever restarts what answers 503 would end
    the other calls over somebody's unplugged camera.
    """
    found = tuple(vitals)
    healthy = all(vital.condition in FINE for vital in found)
    body: dict[str, object] = {"status": "ok" if healthy else "degraded"}
    if details:
        body["calls"] = [
            {
                "call": vital.call,
                "condition": vital.condition.value,
                "restarts": vital.restarts,
                "fps_out": round(vital.fps_out, 1),
            }
            for vital in found
        ]
    return 503 if any(vital.condition in OURS for vital in found) else 200, body


def _condition(told: Telemetry) -> Condition:
    match told.worker:
        case FilterState.DEAD:
            return Condition.DEAD
        case FilterState.HUNG:
            return Condition.HUNG
        case FilterState.STARTING:
            return Condition.STARTING
        case FilterState.RUNNING:
            return Condition.STARVED if told.starved else Condition.OK

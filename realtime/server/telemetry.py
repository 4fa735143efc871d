"""What a call tells of itself: rates, ages and what was given up, over the last moments."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from engines.placement import Placement
from realtime.clock import MS, SECOND
from realtime.filter import FilterState
from realtime.stage import Percentiles
from realtime.types import Filtered, Rung

STARVED = 2 * SECOND
"""A call that is sent no picture for this long has nothing to filter: the fault lies elsewhere."""

LOST = (FilterState.HUNG, FilterState.DEAD)
"""The page only sees that another filter is on its way; figures and health tell the two apart."""


@dataclass(frozen=True, slots=True)
class Telemetry:
    """One reading.

    Attributes:
        fps_in: pictures a second from the browser.
        fps_out: pictures a second back to it; to who has watched the longest, where it only sends.
        age: from arrival to release of the picture's content; None before the first.
        stages: what each stage of the filter took of late.
        rung: what the deadline left time for in the last picture.
        faces: faces found in it.
        dropped: pictures that a newer one overtook, since the start.
        silences: 20 ms stretches of sound that had to be silence, since the start.
        lost_sound: 20 ms stretches of sound that had to be left out, since the start.
        av_offset: picture minus sound where they leave, by the server's own clock; positive is
            sound early.
        playout_delay: how long after its capture a picture is released.
        kbps_in: of picture and sound from the browser.
        kbps_out: of picture and sound to it.
        loss: share of what was sent that the browser reports as lost, 0 to 1.
        recording: something is being recorded.
        worker: how the filter is.
        restarts: how often it was begun anew.
        places: where its networks run, and why on nothing quicker.
        starved: no picture has come for :data:`STARVED`.
        fps_filtered: pictures a second that are finished, whoever gets them.
        watchers: who watch without taking part.
        voice: what is heard in the voice, and shown for it; None while nobody listens.
    """

    fps_in: float
    fps_out: float
    age: Percentiles | None
    stages: Mapping[str, Percentiles]
    rung: Rung | None
    faces: int
    dropped: int
    silences: int
    lost_sound: int
    av_offset: int | None = None
    playout_delay: int | None = None
    kbps_in: float | None = None
    kbps_out: float | None = None
    loss: float | None = None
    recording: bool = False
    worker: FilterState = FilterState.RUNNING
    restarts: int = 0
    places: tuple[Placement, ...] = ()
    starved: bool = False
    fps_filtered: float = 0.0
    watchers: int = 0
    voice: Mapping[str, object] | None = None

    def as_message(self) -> dict[str, object]:
        """Return the reading as the page is told it; durations in milliseconds."""
        return {
            "type": "telemetry",
            "fps_in": round(self.fps_in, 1),
            "fps_out": round(self.fps_out, 1),
            "age_ms": self.age and _in_ms(self.age),
            "stages_ms": {name: _in_ms(spent) for name, spent in self.stages.items()},
            "rung": self.rung and self.rung.value,
            "faces": self.faces,
            "dropped": self.dropped,
            "silences": self.silences,
            "lost_sound": self.lost_sound,
            "av_offset_ms": _ms(self.av_offset),
            "playout_delay_ms": _ms(self.playout_delay),
            "kbps_in": _rounded(self.kbps_in, 0),
            "kbps_out": _rounded(self.kbps_out, 0),
            "loss": _rounded(self.loss, 4),
            "recording": self.recording,
            "worker": "restarting" if self.worker in LOST else self.worker.value,
            "starved": self.starved,
            "networks": [_in_words(place) for place in self.places],
            "voice": self.voice and dict(self.voice),
        }


LONGEST = 200
"""Letters of a reason that the page is told; the log has all of them."""


class Rate:
    """Counts events a second over the last two."""

    def __init__(self, window: int = 2 * SECOND) -> None:
        self._window = window
        self._ticks: deque[int] = deque()
        self.last: int | None = None

    def tick(self, now: int) -> None:
        """Count one event at ``now``."""
        self._ticks.append(now)
        self.last = now
        self._forget(now)

    def per_second(self, now: int) -> float:
        """Return the rate; 0 when nothing came of late."""
        self._forget(now)
        if len(self._ticks) < 2:
            return 0.0
        return (len(self._ticks) - 1) * SECOND / max(1, now - self._ticks[0])

    def _forget(self, now: int) -> None:
        while self._ticks and self._ticks[0] < now - self._window:
            self._ticks.popleft()


class Recent:
    """Percentiles of the last few durations."""

    def __init__(self, window: int = 64) -> None:
        self._values: deque[int] = deque(maxlen=window)

    def add(self, value: int) -> None:
        """Take in one duration."""
        self._values.append(value)

    def percentiles(self) -> Percentiles | None:
        """Return p50 and p95; None before the first."""
        if not self._values:
            return None
        ordered = sorted(self._values)
        last = len(ordered) - 1
        return Percentiles(ordered[int(0.5 * last)], ordered[int(0.95 * last)])


@dataclass(slots=True)
class Gauges:
    """What is counted while a call goes on; only the event loop touches it.

    Attributes:
        began: when pictures could first have come.
    """

    began: int = 0
    received: Rate = field(default_factory=Rate)
    sent: Rate = field(default_factory=Rate)
    filtered: Rate = field(default_factory=Rate)
    age: Recent = field(default_factory=Recent)
    rung: Rung | None = None
    faces: int = 0

    def note(self, filtered: Filtered) -> None:
        """Take in what became of the latest picture."""
        self.rung = filtered.rung
        self.faces = len(filtered.faces)

    def starved(self, now: int) -> bool:
        """Tell whether no picture has come for too long."""
        last = self.began if self.received.last is None else self.received.last
        return now - last > STARVED


def _in_words(place: Placement) -> dict[str, object]:
    return {
        "name": place.network,
        "runs_on": place.runs_on,
        "not_on": {who: why[:LONGEST] for who, why in place.refused.items()},
    }


def _ms(spent: int | None) -> float | None:
    return None if spent is None else round(spent / MS, 1)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _in_ms(spent: Percentiles) -> dict[str, float]:
    return {"p50": round(spent.p50 / MS, 2), "p95": round(spent.p95 / MS, 2)}

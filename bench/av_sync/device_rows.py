"""The rows of ``visavis bench av-sync`` for the virtual camera and the virtual microphone."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from bench.av_sync.clip import write_film
from bench.av_sync.devices import ROUND_S, Passage, measure
from bench.av_sync.figures import SETTLE_BAR_S, Conditions, drift, offset_row, settled
from bench.av_sync.pulse import why_not
from bench.report import Row
from realtime.build import live_filter
from realtime.clock import MS, SECOND, SystemClock
from realtime.commands.errors import CommandError, Exit
from realtime.config import FilterSettings
from realtime.types import Edit, Emotion

WIDTH, HEIGHT = 640, 360


def rows(conditions: Conditions) -> list[Row]:
    """Return a row for each delay, and one for the step.

    Raises:
        CommandError: no sound server can be started here.
    """
    if reason := why_not():
        raise CommandError(f"the virtual devices cannot be measured: {reason}", Exit.MISSING)
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder, "film.mkv")
        write_film(film, WIDTH, HEIGHT, ROUND_S)
        found = [delay_row(film, delay, conditions.seconds) for delay in conditions.delays]
        if conditions.step:
            found.append(step_row(film, conditions.step, conditions.seconds))
    return found


def delay_row(film: Path, delay_ms: int, seconds: float) -> Row:
    """Return the row of a run whose filter is later by ``delay_ms``."""
    passage = _passage(film, delay_ms, None, seconds)
    return _row(f"devices, filter +{delay_ms} ms", passage, drift_ms=drift(passage.offsets))


def step_row(film: Path, step_ms: int, seconds: float) -> Row:
    """Return the row of a run whose filter becomes later in the middle; its wake is a figure."""
    passage = _passage(film, step_ms, seconds / 2, seconds)
    step = passage.started + round(seconds / 2 * SECOND)
    calm = [o for o in passage.offsets if not 0 <= o.at - step < SETTLE_BAR_S * SECOND]
    back = settled(passage.offsets, step)
    return _row(f"devices, step 0 to {step_ms} ms", replace(passage, offsets=calm), settled_s=back)


def _row(name: str, passage: Passage, **figures: float | None) -> Row:
    return offset_row(
        name,
        passage.offsets,
        **figures,
        playout_ms=round(passage.playout / MS, 1),
        pictures=passage.pictures,
        late_pictures=passage.late,
        sound=passage.lost,
    )


def _passage(film: Path, delay_ms: int, from_s: float | None, seconds: float) -> Passage:
    def later(since: int) -> int:
        return delay_ms * MS if from_s is None or since >= from_s * SECOND else 0

    filter = live_filter(FilterSettings(), SystemClock())
    return measure(film, filter, later, seconds, edit=Edit(Emotion.HAPPY))

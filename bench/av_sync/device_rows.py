"""The rows of ``visavis bench av-sync`` for the virtual camera and the virtual microphone."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.av_sync.clip import write_film
from bench.av_sync.detect import Offset
from bench.av_sync.devices import ROUND_S, Delay, Passage, measure
from bench.av_sync.pulse import why_not
from bench.report import Figure, Row, percentile
from realtime.build import live_filter
from realtime.clock import MS, SystemClock
from realtime.commands.errors import CommandError, Exit
from realtime.config import FilterSettings
from realtime.types import Edit, Emotion

DELAYS_MS = (0, 100, 300)
"""By how much the filter is delayed."""

STEP_MS = 200
"""By how much it is delayed all at once, in the middle of a run."""

MEDIAN_MS, P95_MS, BACK_S = 20.0, 45.0, 3.0
"""The bars: of the median, of 95 in 100, and of the time after the step."""

WIDTH, HEIGHT = 640, 360


def rows(seconds: float, minutes: float = 0.0) -> list[Row]:
    """Measure ``seconds`` at each delay and around the step, and ``minutes`` without a break.

    Raises:
        CommandError: no sound server can be started here.
    """
    if reason := why_not():
        raise CommandError(f"the virtual devices cannot be measured: {reason}", Exit.MISSING)
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder, "film.mkv")
        write_film(film, WIDTH, HEIGHT, ROUND_S)
        found = [
            row(f"devices, filter +{ms} ms", _pass(film, _constant(ms), seconds))
            for ms in DELAYS_MS
        ]
        middle = seconds / 2
        found.append(step_row(_pass(film, _step(middle), seconds), middle))
        if minutes:
            passage = _pass(film, _constant(0), minutes * 60)
            found.append(row(f"devices, {minutes:g} minutes", passage, drift=True))
    return found


def row(name: str, passage: Passage, *, drift: bool = False) -> Row:
    """Return the row of a run without a step."""
    apart = passage.offsets
    more: dict[str, Figure] = {}
    if drift and len(apart) > 3:
        third = len(apart) // 3
        more["drift_ms"] = round((_median(apart[-third:]) - _median(apart[:third])) / MS, 2)
    return _row(name, apart, passage, more)


def step_row(passage: Passage, at_s: float) -> Row:
    """Return the row of a run whose filter is delayed from ``at_s`` on; its wake does not count."""
    step = passage.started + round(at_s * 1000 * MS)
    wake = [o for o in passage.offsets if step <= o.at]
    outside = [o.at for o in wake if abs(o.ns) > P95_MS * MS]
    back = (max(outside) - step) / (1000 * MS) if outside else 0.0
    calm = [o for o in passage.offsets if not step <= o.at < step + BACK_S * 1000 * MS]
    name = f"devices, filter +0 to +{STEP_MS} ms at once"
    return _row(name, calm, passage, {"outside_until_s": round(back, 2)})


def _row(name: str, offsets: Sequence[Offset], passage: Passage, more: dict[str, Figure]) -> Row:
    if not offsets:
        raise CommandError(f"{name}: no flash and no beep came through ({passage.lost})")
    apart = sorted(abs(o.ns) for o in offsets)
    median, p95 = _median(offsets) / MS, percentile(apart, 0.95) / MS
    figures: dict[str, Figure] = {
        "marks": len(offsets),
        "worst_ms": round(apart[-1] / MS, 1),
        "within_bars": abs(median) <= MEDIAN_MS and p95 <= P95_MS,
        "playout_ms": round(passage.playout / MS, 1),
        "pictures": passage.pictures,
        "late_pictures": passage.late,
        "sound": passage.lost,
    }
    return Row(name, median, p95, None, {**figures, **more})


def _pass(film: Path, delay: Delay, seconds: float) -> Passage:
    edit = Edit(Emotion.HAPPY)
    return measure(film, live_filter(FilterSettings(), SystemClock()), delay, seconds, edit=edit)


def _constant(ms: float) -> Delay:
    return lambda since: round(ms * MS)


def _step(at_s: float) -> Delay:
    return lambda since: STEP_MS * MS if since >= at_s * 1000 * MS else 0


def _median(offsets: Sequence[Offset]) -> float:
    ordered = sorted(o.ns for o in offsets)
    half = len(ordered) // 2
    return (ordered[half] + ordered[~half]) / 2

"""The rows of ``visavis bench av-sync`` for recordings: flashes and beeps in the files themselves.

The recorder alone, on a real clock: pictures and sound arrive as late as a network and a filter
make them, each with the time of its capture. ``recorded_call`` has whole calls.
"""

from __future__ import annotations

import heapq
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from bench.av_sync.clip import FPS, RATE, ROUND, pictures, sound
from bench.av_sync.detect import Offset, pair
from bench.av_sync.figures import Conditions, drift, offset_row
from bench.av_sync.films import found_in
from bench.report import Row
from realtime.clock import MS, SECOND, Clock, SystemClock
from realtime.recording.recorder import Plan, Recorder
from realtime.types import Filtered, Frame, Rung

WIDTH, HEIGHT = 640, 480
BLOCK = 960

SOUND_MS, PICTURE_MS = 30, 60
"""How long sound and picture are on their way to the server."""

Due = tuple[int, int, Callable[[], None]]
"""When something happens, nanoseconds; a number that tells equals apart; and what."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was found in one recording.

    Attributes:
        wet: offsets in the filtered film.
        dry: offsets in the camera's own.
        apart: the greatest distance of a flash in one film from the same in the other, nanoseconds.
        dropped: pictures and sounds that were not written.
    """

    wet: list[Offset]
    dry: list[Offset]
    apart: int
    dropped: int


def rows(conditions: Conditions) -> list[Row]:
    """Return a row for each delay of the filter, and one where it grows in the middle."""
    found: list[Row] = []
    for delay in conditions.delays:
        found += both(f"filter {delay} ms late", record(conditions.seconds, lambda _, d=delay: d))
    if step := conditions.step:
        half = conditions.seconds / 2
        recorded = record(conditions.seconds, lambda at: step if at >= half * SECOND else 0)
        found += both(f"step 0 to {step} ms", recorded)
    return found


def both(name: str, recorded: Recorded) -> list[Row]:
    """Return the rows of the two films of one recording."""
    apart = round(recorded.apart / MS, 1)
    return [
        offset_row(
            f"recording, {film}, {name}",
            offsets,
            drift_ms=drift(offsets),
            films_apart_ms=apart,
            dropped=recorded.dropped,
        )
        for film, offsets in (("wet", recorded.wet), ("dry", recorded.dry))
    ]


def record(seconds: float, late_ms: Callable[[int], int], folder: Path | None = None) -> Recorded:
    """Record the clip for ``seconds`` through a filter that is ``late_ms`` at each moment."""
    if folder is None:
        with tempfile.TemporaryDirectory() as made:
            return record(seconds, late_ms, Path(made))
    clock, clip = SystemClock(), one_round()
    origin = clock.now()
    plan = Plan(folder, "bench", frozenset({"wet", "dry"}), origin)
    recorder = Recorder(plan, lambda _: None, lambda _: 10**12)
    play(clock, happenings(recorder, clip, origin, seconds, late_ms))
    recorder.stop()
    recorder.join()
    dry, wet = (found_in(folder / f"bench-{track}.mp4") for track in ("dry", "wet"))
    shared = [abs(a - b) for a, b in zip(dry[0], wet[0], strict=False)]
    return Recorded(pair(*wet), pair(*dry), max(shared, default=0), recorder.dropped)


@cache
def one_round() -> tuple[Frame, ...]:
    """Return the clip's pictures until it begins again."""
    return tuple(pictures(WIDTH, HEIGHT, ROUND / FPS))


def happenings(
    recorder: Recorder,
    clip: Sequence[Frame],
    origin: int,
    seconds: float,
    late_ms: Callable[[int], int],
) -> Iterator[Due]:
    """Yield what reaches the recorder, in the order of time."""

    def came(i: int) -> tuple[Frame, int]:
        at = i * SECOND // FPS
        return replace(clip[i % ROUND], captured=origin + at, pts=i, seq=i), at

    def dry() -> Iterator[Due]:
        for i in range(round(seconds * FPS)):
            frame, at = came(i)
            yield origin + at + PICTURE_MS * MS, 2 * i, lambda f=frame: recorder.came(f)

    def wet() -> Iterator[Due]:
        for i in range(round(seconds * FPS)):
            frame, at = came(i)
            shown = Filtered(frame, Rung.GEOMETRIC)
            due = origin + at + (PICTURE_MS + 10 + late_ms(at)) * MS
            yield due, 2 * i + 1, lambda s=shown: recorder.shown(s)

    def heard() -> Iterator[Due]:
        samples = sound(seconds).astype(np.float32) / 32_768
        for start in range(0, len(samples) - BLOCK + 1, BLOCK):
            at = origin + start * SECOND // RATE
            block = samples[start : start + BLOCK]
            yield at + SOUND_MS * MS, -1, lambda b=block, t=at: recorder.heard(b, t)

    return heapq.merge(dry(), wet(), heard(), key=lambda due: due[:2])


def play(clock: Clock, due: Iterator[Due]) -> None:
    """Let everything happen when it is due."""
    for at, _, happen in due:
        if (pause := at - clock.now()) > 0:
            time.sleep(pause / SECOND)
        happen()

"""Clips that the geometric edit changed: what the generator for calls learns from.

The same moments of the same face, with an emotion that nobody had to act. They go through the
filter as ``visavis file`` sends them.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from engines.wav2lip_emotion import store
from engines.wav2lip_emotion.prepare import follow, keep
from engines.wav2lip_emotion.recipe import EMOTIONS, Recipe
from realtime.build import build_filter
from realtime.clock import Deadline, ManualClock
from realtime.commands.wav2lip_clips import Task, check_tracker, tracker
from realtime.config import FilterSettings
from realtime.picture import from_rgb, to_rgb
from realtime.session import SourceError
from realtime.sources.footage import pictures, sound
from realtime.types import Edit, Emotion, Pixels

INTENSITIES = (0.5, 1.0, 1.5)
"""One of them for each edit, so that the generator learns what lies between, too."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One clip with one edit.

    Attributes:
        emotion: to be shown.
        intensity: of it.
        path: where the edited clip will lie.
    """

    emotion: str
    intensity: float
    path: Path


@dataclass(frozen=True, slots=True)
class Tuition:
    """One clip with all of its edits that are not there yet."""

    task: Task
    lessons: tuple[Lesson, ...]


def tuitions_of(recipe: Recipe, tasks: Sequence[Task]) -> list[Tuition]:
    """Return what is still to be edited of the prepared clips.

    Where not all of them are, each speaker has as many as the others, as far as there are; which,
    their names decide.
    """
    there = sorted((task for task in tasks if task.path.exists()), key=_number)
    count: Counter[str] = Counter()
    ranked: list[tuple[int, int, Task]] = []
    for place, task in enumerate(there):
        speaker = task.recording.about.speaker
        ranked.append((count[speaker], place, task))
        count[speaker] += 1
    chosen = sorted(ranked)[: recipe.edited or None]
    found = [Tuition(task, tuple(_lessons(recipe, task))) for _, _, task in chosen]
    return [tuition for tuition in found if tuition.lessons]


def _lessons(recipe: Recipe, task: Task) -> Iterator[Lesson]:
    shown = EMOTIONS[1:]
    first = _number(task)
    for k in range(recipe.edits_each):
        emotion = shown[(first + k) % len(shown)]
        intensity = INTENSITIES[(first // len(shown) + k) % len(INTENSITIES)]
        name = f"{task.path.parent.name}-{task.recording.name}@{emotion}{store.SUFFIX}"
        path = Path(recipe.edits) / name
        if not path.exists():
            yield Lesson(emotion, intensity, path)


def _number(task: Task) -> int:
    return zlib.crc32(task.recording.name.encode())


def teach_all(tuitions: Sequence[Tuition], workers: int, told: Callable[[int], None]) -> list[str]:
    """Edit every clip, and return what could not be, a line each."""
    failed: list[str] = []
    if tuitions:
        check_tracker()
    for done, reason in enumerate(_taught(tuitions, workers), 1):
        failed += [reason] if reason else []
        told(done)
    return failed


def _taught(tuitions: Sequence[Tuition], workers: int) -> Iterator[str]:
    if workers == 1 or len(tuitions) < 2:
        yield from map(teach, tuitions)
        return
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        yield from (each.result() for each in as_completed(pool.submit(teach, t) for t in tuitions))


def teach(tuition: Tuition) -> str:
    """Edit one clip in each of its ways, and return why it could not be, or nothing."""
    recording = tuition.task.recording
    try:
        shown = list(pictures(recording.video, store.FPS))
        heard = sound(recording.sound)
    except SourceError as error:
        return str(error)
    followed = follow(shown, tracker())
    for lesson in tuition.lessons:
        edited = _edited(shown, Edit(Emotion(lesson.emotion), lesson.intensity))
        about = replace(recording.about, emotion=lesson.emotion, intensity=lesson.intensity)
        store.write(lesson.path, keep(edited, followed, heard, about))
    return ""


def _edited(shown: Sequence[Pixels], edit: Edit) -> Iterator[Pixels]:
    clock = ManualClock()
    filtering = build_filter(FilterSettings(), clock)
    try:
        for seq, rgb in enumerate(shown):
            captured = seq * 1_000_000_000 // store.FPS
            clock.advance(captured - clock.now())
            out = filtering(from_rgb(rgb, captured=captured, seq=seq), edit, Deadline(None))
            yield to_rgb(out.frame) if out else rgb
    finally:
        filtering.close()

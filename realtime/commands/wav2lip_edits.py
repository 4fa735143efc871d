"""Clips that the geometric edit changed: what a generator learns from where nobody acted.

The same moments of the same face, with an emotion that nobody had to act. They go through the
filter as ``visavis file`` sends them, and then, for the generator for calls, once more: that is
what a stronger edit looks like.
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
from realtime.filter import EmotionFilter
from realtime.picture import from_rgb, to_rgb
from realtime.session import SourceError
from realtime.sources.footage import pictures, sound
from realtime.types import Edit, Emotion, Pixels

INTENSITIES = (0.5, 1.0, 1.5)
"""One of them for each edit, so that the generator learns what lies between, too."""

STRONG = 1.5
"""Intensity of what the paper's generator is shown as a target: actors act strongly."""

FURTHER = 0.5
"""Share of the intensity with which an edit is made once more."""

OVER = (
    ("happy", "neutral"), ("sad", "neutral"), ("sad", "happy"), ("happy", "sad"),
    ("angry", "neutral"), ("surprise", "neutral"), ("angry", "happy"), ("happy", "angry"),
)  # fmt: skip
"""What a face shows already, and what it is then edited to: where the edit has most to undo."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One clip with one edit.

    Attributes:
        emotion: to be shown.
        intensity: of it.
        path: where the edited clip will lie; beside it, the one that was edited further.
        over: what the face shows already; nothing is the camera's own.
        once: whether it is not edited further.
    """

    emotion: str
    intensity: float
    path: Path
    over: str = ""
    once: bool = False

    @property
    def further(self) -> Path:
        """Where the clip will lie that was edited once more."""
        return self.path.with_name(self.path.name.replace("@", "@@"))

    @property
    def last(self) -> Path:
        """What is written last."""
        return self.path if self.once else self.further


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
    found = [
        (task, [x for x in _lessons(recipe, task) if not x.last.exists()]) for _, _, task in chosen
    ]
    return [Tuition(task, tuple(lessons)) for task, lessons in found if lessons]


def _lessons(recipe: Recipe, task: Task) -> Iterator[Lesson]:
    if recipe.stage == "paper":
        emotion = recipe.destination
        yield Lesson(emotion, STRONG, _path(recipe, task, emotion), once=True)
        return
    first = _number(task)
    for k in range(recipe.edits_each):
        emotion = EMOTIONS[(first + k) % len(EMOTIONS)]
        intensity = INTENSITIES[(first // len(EMOTIONS) + k) % len(INTENSITIES)]
        yield Lesson(emotion, intensity, _path(recipe, task, emotion))
    for over, emotion in OVER[: recipe.edits_over]:
        path = _path(recipe, task, f"{over}-{emotion}")
        yield Lesson(emotion, 1.0, path, over, once=True)


def _path(recipe: Recipe, task: Task, ways: str) -> Path:
    name = f"{task.path.parent.name}-{task.recording.name}@{ways}{store.SUFFIX}"
    return Path(recipe.edits) / name


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
    already: dict[str, list[Pixels]] = {"": shown}
    for lesson in tuition.lessons:
        if lesson.over not in already:
            already[lesson.over] = list(_edited(shown, Edit(Emotion(lesson.over))))
        edit = Edit(Emotion(lesson.emotion), lesson.intensity)
        more = replace(edit, intensity=FURTHER * lesson.intensity)
        about = replace(
            recording.about, emotion=lesson.emotion, intensity=lesson.intensity, over=lesson.over
        )
        edited = list(_edited(already[lesson.over], edit))
        store.write(lesson.path, keep(edited, followed, heard, about))
        if not lesson.once:
            further = replace(about, further=more.intensity)
            store.write(lesson.further, keep(_edited(edited, more), followed, heard, further))
    return ""


def _edited(shown: Sequence[Pixels], edit: Edit) -> Iterator[Pixels]:
    filtering, clock = _filter()
    filtering.reset()
    start = clock.now() + 1_000_000_000
    for seq, rgb in enumerate(shown):
        captured = start + seq * 1_000_000_000 // store.FPS
        clock.advance(captured - clock.now())
        out = filtering(from_rgb(rgb, captured=captured, seq=seq), edit, Deadline(None))
        yield to_rgb(out.frame) if out else rgb


_held: list[tuple[EmotionFilter, ManualClock]] = []
"""The filter of this process, which ends with it; to open one takes as long as a short clip."""


def _filter() -> tuple[EmotionFilter, ManualClock]:
    if not _held:
        clock = ManualClock()
        _held.append((build_filter(FilterSettings(), clock), clock))
    return _held[0]

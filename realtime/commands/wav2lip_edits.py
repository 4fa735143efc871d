"""Clips that the geometric edit changed, and what they should rather have become.

The same moments of the same face, with an emotion that nobody had to act. They go through the
filter as ``visavis file`` sends them. The generator for calls is shown a target for each: where the
speaker acted that emotion in another clip, the face of that clip on the words of this one; where
nobody acted, the edit made once more, for that is what a stronger one looks like.
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from engines.wav2lip_emotion import store
from engines.wav2lip_emotion.prepare import follow, keep
from engines.wav2lip_emotion.recipe import EMOTIONS, Recipe
from realtime.build import build_filter
from realtime.clock import SECOND, Deadline, ManualClock
from realtime.commands.wav2lip_clips import Task, check_tracker, tracker
from realtime.config import FilterSettings
from realtime.filter import EmotionFilter, shown_rest
from realtime.picture import from_rgb, to_rgb
from realtime.session import SourceError
from realtime.sources.footage import pictures, sound
from realtime.types import Edit, Emotion, Frame, Pixels

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
        path: where the edited clip will lie; beside it, its target.
        over: what an edit made the face show already; nothing is the camera's own.
        once: whether it has no target of its own.
        acted: where the speaker acts that emotion; nothing makes the edit once more the target.
    """

    emotion: str
    intensity: float
    path: Path
    over: str = ""
    once: bool = False
    acted: Path | None = None

    @property
    def further(self) -> Path:
        """Where the target will lie."""
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
    acted = _acted(there)
    found = [
        (task, [x for x in _lessons(recipe, task, acted) if not x.last.exists()])
        for _, _, task in chosen
    ]
    return [Tuition(task, tuple(lessons)) for task, lessons in found if lessons]


Acted = Mapping[tuple[str, str], Mapping[str, Path]]
"""Where a speaker acts a sentence, by emotion."""


def _acted(tasks: Sequence[Task]) -> Acted:
    """Return where each emotion is acted, most strongly, as the paper has it of its targets."""
    found: dict[tuple[str, str], dict[str, Path]] = defaultdict(dict)
    for task in sorted(tasks, key=lambda task: task.recording.about.level):
        about = task.recording.about
        if about.emotion is not None:
            found[about.speaker, about.sentence][about.emotion] = task.recording.video
    return found


def _lessons(recipe: Recipe, task: Task, acted: Acted) -> Iterator[Lesson]:
    if recipe.stage == "paper":
        emotion = recipe.destination
        yield Lesson(emotion, STRONG, _path(recipe, task, emotion), once=True)
        return
    about = task.recording.about
    others = dict(acted.get((about.speaker, about.sentence), {}))
    others.pop(str(about.emotion), None)
    if others:
        for emotion, video in others.items():
            yield Lesson(emotion, 1.0, _path(recipe, task, f"acted-{emotion}"), acted=video)
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
        about = replace(
            recording.about, emotion=lesson.emotion, intensity=lesson.intensity, over=lesson.over
        )
        edited = list(_edited(already[lesson.over], edit))
        store.write(lesson.path, keep(edited, followed, heard, about))
        if lesson.once:
            continue
        if lesson.acted is None:
            more = replace(edit, intensity=FURTHER * lesson.intensity)
            about, target = replace(about, further=more.intensity), _edited(edited, more)
        else:
            about = replace(about, further=lesson.intensity)
            target = _with_the_face_of(lesson.acted, shown)
        store.write(lesson.further, keep(target, followed, heard, about))
    return ""


def _edited(shown: Sequence[Pixels], edit: Edit) -> Iterator[Pixels]:
    filtering, clock = _filter()
    filtering.reset()
    yield from _through(filtering, clock, shown, edit)


def _with_the_face_of(video: Path, shown: Sequence[Pixels]) -> Iterator[Pixels]:
    """Yield pictures with the shape and the light that the same face has in another clip.

    To the filter that is the way back to rest, from what it is told to be rest.
    """
    clock = ManualClock()
    with closing(build_filter(FilterSettings(), clock)) as filtering:
        shown_rest(filtering, _frames(pictures(video, store.FPS), 0))
        filtering.reset()
        yield from _through(filtering, clock, shown, Edit(Emotion.NEUTRAL))


def _through(
    filtering: EmotionFilter, clock: ManualClock, shown: Sequence[Pixels], edit: Edit
) -> Iterator[Pixels]:
    for frame, rgb in zip(_frames(shown, clock.now() + SECOND), shown, strict=True):
        clock.advance(frame.captured - clock.now())
        out = filtering(frame, edit, Deadline(None))
        yield to_rgb(out.frame) if out else rgb


def _frames(shown: Iterable[Pixels], start: int) -> Iterator[Frame]:
    for seq, rgb in enumerate(shown):
        yield from_rgb(rgb, captured=start + seq * SECOND // store.FPS, seq=seq)


_held: list[tuple[EmotionFilter, ManualClock]] = []
"""The filter of this process, which ends with it; to open one takes as long as a short clip."""


def _filter() -> tuple[EmotionFilter, ManualClock]:
    if not _held:
        clock = ManualClock()
        _held.append((build_filter(FilterSettings(), clock), clock))
    return _held[0]

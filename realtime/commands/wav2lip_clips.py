"""Preparing recordings for training: every core cuts faces, and what is done is not done again."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from engines.engine import EngineError
from engines.landmarks.follow import open_tracker
from engines.landmarks.networks import SourceMissing
from engines.landmarks.tracker import LandmarkTracker
from engines.wav2lip_emotion import store
from engines.wav2lip_emotion.corpora import NoClips, Recording, find
from engines.wav2lip_emotion.prepare import follow, keep
from engines.wav2lip_emotion.recipe import Recipe
from realtime.commands.errors import CommandError, Exit
from realtime.session import SourceError
from realtime.sources.footage import pictures, sound


@dataclass(frozen=True, slots=True)
class Task:
    """One clip to prepare.

    Attributes:
        recording: what it is made of.
        path: where it will lie.
    """

    recording: Recording
    path: Path


def tasks_of(recipe: Recipe) -> list[Task]:
    """Return every clip that a recipe names, prepared or not.

    Raises:
        CommandError: a corpus is not where the recipe says.
    """
    tasks: list[Task] = []
    for number, corpus in enumerate(recipe.corpora):
        try:
            found = find(
                corpus.kind, Path(corpus.folder), speaker=corpus.speaker, rights=corpus.rights
            )
        except NoClips as error:
            raise CommandError(str(error), Exit.UNREADABLE) from error
        folder = Path(recipe.prepared) / f"{number}-{corpus.kind}"
        tasks += [
            Task(recording, folder / f"{recording.name}{store.SUFFIX}")
            for recording in found
            if fnmatch(recording.video.name, corpus.pattern)
        ]
    return tasks


def prepare_all(tasks: Sequence[Task], workers: int, told: Callable[[int], None]) -> list[str]:
    """Prepare what is not there yet, and return what could not be read, a line each.

    Raises:
        CommandError: nothing here can find a face.
    """
    left = [task for task in tasks if not task.path.exists()]
    done = len(tasks) - len(left)
    told(done)
    failed: list[str] = []
    if left:
        check_tracker()
    for reason in _prepared(left, workers):
        failed += [reason] if reason else []
        done += 1
        told(done)
    return failed


def _prepared(tasks: Sequence[Task], workers: int) -> Iterator[str]:
    """Prepare each, and yield why it could not be, or nothing, as they are done."""
    if workers == 1 or len(tasks) < 2:
        yield from map(prepare_one, tasks)
        return
    # Neither the tracker's networks nor FFmpeg's threads may be forked.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context) as pool:
        yield from (
            each.result() for each in as_completed(pool.submit(prepare_one, t) for t in tasks)
        )


def prepare_one(task: Task) -> str:
    """Prepare one clip in whatever process this is, and return why it could not be, or nothing."""
    try:
        heard = sound(task.recording.sound)
        shown = list(pictures(task.recording.video, store.FPS))
        clip = keep(shown, follow(shown, tracker()), heard, task.recording.about)
    except SourceError as error:
        return str(error)
    store.write(task.path, clip)
    return ""


def check_tracker() -> None:
    """Raise what a user can mend, where nothing here can find a face."""
    try:
        open_tracker()[0].close()
    except (EngineError, SourceMissing) as error:
        raise CommandError(str(error), Exit.MISSING) from error


_held: list[LandmarkTracker] = []
"""The tracker of this process, which ends with it."""


def tracker() -> LandmarkTracker:
    """Return this process's tracker, opened when it is first asked for."""
    if not _held:
        _held.append(open_tracker()[0])
    return _held[0]

"""What one step of the live generator's training looks at: an edited face, and what was asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engines.wav2lip_emotion import live
from engines.wav2lip_emotion.disguise import Disguise, moved
from engines.wav2lip_emotion.faces import Floats
from engines.wav2lip_emotion.signatures import FRAMES
from engines.wav2lip_emotion.store import FPS
from engines.wav2lip_emotion.windows import Clip, Random

FADED_IN = 10
"""Pictures until the filter that made the edit has faded it in."""

LIPS = (13, 14, 82, 87, 312, 317)
"""The inner lips: a point above, then the one below it."""

UNHEARD = 0.15
"""Share of the windows without sound: a microphone may be muted."""

ONE_SIDED = ("contempt",)
"""What a mirrored face would show on the wrong side."""


@dataclass(frozen=True)
class Lesson:
    """A clip of a camera, the same edited, and what that should rather look like."""

    plain: Clip
    edited: Clip
    further: Clip

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where five pictures in a row have a face."""
        seen = [bool(data) for data in self.plain.prepared.jpegs]
        last = len(seen) - FRAMES + 1
        return tuple(k for k in range(FADED_IN, last) if all(seen[k : k + FRAMES]))

    @cached_property
    def heard(self) -> frozenset[int]:
        """At which of these there is sound for all five."""
        return frozenset(self.plain.starts)

    @property
    def edit(self) -> Floats:
        """[8] what was asked of the filter."""
        about = self.edited.about
        return live.edit_vector({str(about.emotion): about.intensity})


@dataclass(frozen=True, slots=True)
class LiveBatch:
    """N windows of F pictures, one after the other: [F N, ...].

    Attributes:
        face: [F N, 3, 128, 128] of 0..1, after the geometric edit.
        edit: [F N, 8, 1, 1].
        speech: [F N, 1, 80, 16], nothing of it later than a call could know.
        further: [F N, 3, 128, 128], what that should rather look like.
        lips: [F N, 6, 2] the points ``LIPS`` in pixels.
        mel: [N, 1, 80, 16], the sound of five pictures, for the expert.
        heard: [N] 1 where there is sound, else 0.
        emotions: [N] what is asked for, by name.
    """

    face: Floats
    edit: Floats
    speech: Floats
    further: Floats
    lips: Floats
    mel: Floats
    heard: Floats
    emotions: tuple[str, ...]


def lessons_of(plain: Iterable[Clip], edited: Iterable[Clip]) -> list[Lesson]:
    """Return each edited clip with the one that it was made of, and its target.

    Where it has none, it is its own.
    """
    of = {(clip.about.speaker, clip.about.source): clip for clip in plain}
    all_of_them = list(edited)
    further = {_made_of(clip): clip for clip in all_of_them if clip.about.further > 0}
    found: list[Lesson] = []
    for clip in all_of_them:
        own = of.get((clip.about.speaker, clip.about.source))
        if clip.about.further == 0 and own and len(own.prepared) == len(clip.prepared):
            found.append(Lesson(own, clip, further.get(_made_of(clip), clip)))
    return [lesson for lesson in found if lesson.starts]


def _made_of(clip: Clip) -> tuple[str, str, str, str]:
    about = clip.about
    return about.speaker, about.source, about.over, str(about.emotion)


class Timetable:
    """Draws lessons so that every person, and of each every emotion, comes equally often."""

    def __init__(self, lessons: Sequence[Lesson]) -> None:
        grouped: dict[str, dict[str, list[Lesson]]] = {}
        for lesson in lessons:
            about = lesson.edited.about
            person = grouped.setdefault(about.speaker, {})
            person.setdefault(str(about.emotion), []).append(lesson)
        self._people = [list(person.values()) for person in grouped.values()]

    def __call__(self, rng: Random) -> Lesson:
        """Draw one."""
        lessons: Sequence[object] = self._people
        for _ in range(2):
            lessons = lessons[int(rng.integers(len(lessons)))]  # type: ignore[assignment]
        found = lessons[int(rng.integers(len(lessons)))]
        assert isinstance(found, Lesson)
        return found


def live_batch(
    draw: Timetable, rng: Random, size: int, *, frames: int = FRAMES, disguised: bool = True
) -> LiveBatch:
    """Draw ``size`` windows of ``frames`` pictures, of one to five."""
    faces: list[Floats] = []
    edits: list[Floats] = []
    speech: list[Floats] = []
    further: list[Floats] = []
    lips: list[Floats] = []
    mels: list[Floats] = []
    heard: list[float] = []
    emotions: list[str] = []
    for _ in range(size):
        lesson = draw(rng)
        emotion = str(lesson.edited.about.emotion)
        start = lesson.starts[int(rng.integers(len(lesson.starts)))]
        change = Disguise.none()
        if disguised:
            change = Disguise.draw(rng, may_flip=emotion not in ONE_SIDED)
        places = change.places(live.SIDE, live.SEEN)
        silent = disguised and rng.random() < UNHEARD
        for k in range(start, start + frames):
            pair = _both(lesson, k, change, places, rng)
            faces.append(pair[0])
            further.append(pair[1])
            lips.append(moved(lesson.plain.prepared.points[k][list(LIPS)], places))
            edits.append(lesson.edit.reshape(-1, 1, 1))
            mel = lesson.plain.mel[:0] if silent else lesson.plain.mel
            speech.append(live.heard(mel, k / FPS)[None])
        there = start in lesson.heard
        mels.append(lesson.plain.speech(start)[None] if there else np.zeros_like(speech[-1]))
        heard.append(float(there))
        emotions.append(emotion)
    return LiveBatch(
        np.stack(faces),
        np.stack(edits),
        np.stack(speech),
        np.stack(further),
        np.stack(lips),
        np.stack(mels),
        np.array(heard, np.float32),
        tuple(emotions),
    )


def _both(
    lesson: Lesson, frame: int, change: Disguise, places: Floats, rng: Random
) -> tuple[Floats, Floats]:
    """Return the edited face and its target, with the same noise on both."""
    kept = [clip.prepared.picture(frame) for clip in (lesson.edited, lesson.further)]
    noise = rng.standard_normal((live.SIDE, live.SIDE, 3), np.float32)
    a, b = (change.picture(each, places, noise) for each in kept)
    return a, b

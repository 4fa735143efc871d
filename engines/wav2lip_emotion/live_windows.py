"""What one step of the live generator's training looks at: a face, an edit, and that edit done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from engines.wav2lip_emotion import live
from engines.wav2lip_emotion.faces import Floats
from engines.wav2lip_emotion.store import FPS
from engines.wav2lip_emotion.windows import FRAMES, Clip, Jitter, Random, look

FADED_IN = 10
"""Pictures until the filter that made the targets has faded its edit in."""


@dataclass(frozen=True)
class Lesson:
    """A clip of a camera, and the same with an edit."""

    plain: Clip
    edited: Clip

    @property
    def starts(self) -> list[int]:
        """Where five pictures in a row can be learnt from."""
        return [k for k in self.plain.starts if k >= FADED_IN]

    @property
    def edit(self) -> Floats:
        """[8] what was asked of the filter."""
        about = self.edited.about
        return live.edit_vector({str(about.emotion): about.intensity})


@dataclass(frozen=True, slots=True)
class LiveBatch:
    """N windows of five pictures, one after the other: [5 N, ...].

    Attributes:
        face: [5 N, 3, 128, 128] of 0..1.
        edit: [5 N, 8, 1, 1].
        speech: [5 N, 1, 80, 16], nothing of it later than a call could know.
        target: [5 N, 3, 128, 128].
        mel: [N, 1, 80, 16], the sound of all five, for the expert.
        emotions: [N] what is asked for, by name.
    """

    face: Floats
    edit: Floats
    speech: Floats
    target: Floats
    mel: Floats
    emotions: tuple[str, ...]


def lessons_of(plain: Iterable[Clip], edited: Iterable[Clip]) -> list[Lesson]:
    """Return each edited clip with the one that it was made of."""
    of = {(clip.about.speaker, clip.about.source): clip for clip in plain}
    found: list[Lesson] = []
    for clip in edited:
        own = of.get((clip.about.speaker, clip.about.source))
        if own is not None and len(own.prepared) == len(clip.prepared):
            found.append(Lesson(own, clip))
    return [lesson for lesson in found if lesson.starts]


def live_batch(
    lessons: Sequence[Lesson], rng: Random, size: int, *, jitter: bool = True
) -> LiveBatch:
    """Draw windows."""
    faces: list[Floats] = []
    edits: list[Floats] = []
    speech: list[Floats] = []
    targets: list[Floats] = []
    mels: list[Floats] = []
    emotions: list[str] = []
    for _ in range(size):
        lesson = lessons[int(rng.integers(len(lessons)))]
        start = lesson.starts[int(rng.integers(len(lesson.starts)))]
        change = Jitter.draw(rng) if jitter else Jitter()
        for k in range(start, start + FRAMES):
            faces.append(_seen(lesson.plain, k, change))
            targets.append(_seen(lesson.edited, k, change))
            edits.append(lesson.edit.reshape(-1, 1, 1))
            speech.append(live.heard(lesson.plain.mel, k / FPS)[None])
        mels.append(lesson.plain.speech(start)[None])
        emotions.append(str(lesson.edited.about.emotion))
    return LiveBatch(
        np.stack(faces),
        np.stack(edits),
        np.stack(speech),
        np.stack(targets),
        np.stack(mels),
        tuple(emotions),
    )


def _seen(clip: Clip, frame: int, jitter: Jitter) -> Floats:
    picture, _ = look(clip, frame, jitter, live.SIDE, live.SEEN)
    return np.ascontiguousarray(picture.transpose(2, 0, 1)).astype(np.float32) / 255

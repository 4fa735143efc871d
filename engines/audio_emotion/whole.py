"""What is heard in a whole recording, and what its stream ends with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.audio_emotion.calibration import Doubles, softmax
from engines.audio_emotion.contours import contours
from engines.audio_emotion.estimate import EMOTIONS, EVERY, Estimate, Floats
from engines.audio_emotion.estimator import StreamEstimator
from engines.audio_emotion.speech import speech
from engines.audio_emotion.stretch import LONGEST, SHORTEST, rows_of, stretch
from engines.audio_emotion.turn import PAD, spoken


@dataclass(frozen=True, slots=True)
class Heard:
    """What is heard in one recording.

    Attributes:
        probabilities: [7] of the whole; what lies between first and last speech.
        begins: at which sample there is speech first; None where there is none, and the
            probabilities are those of all of it.
        stream: every estimate, in order.
    """

    probabilities: Doubles
    begins: int | None
    stream: tuple[Estimate, ...]

    @property
    def found(self) -> bool:
        """Whether there is speech at all."""
        return self.begins is not None

    @property
    def last(self) -> Doubles:
        """[7] what the stream said last of the speech, and all 0 where it said nothing."""
        said = [estimate for estimate in self.stream if estimate.heard_s > 0]
        return np.array(said[-1].probabilities) if said else np.zeros(len(EMOTIONS))


def hear(estimator: StreamEstimator, sound: Floats) -> Heard:
    """Return what is heard in mono ``sound`` of -1..1 at ``RATE``."""
    span = spoken(speech(sound))
    whole = contours(sound)
    first, last = rows_of(span or (0, len(sound)), PAD, len(whole))
    parts = [whole.part(start, min(start + LONGEST, last)) for start in _starts(first, last)]
    given = [estimator.judge(stretch(part)) for part in parts]
    probabilities = softmax(np.stack(given)).mean(axis=0)
    stream = follow(estimator, np.concatenate([sound, np.zeros(AFTER, np.float32)]))
    return Heard(probabilities, span[0] if span else None, tuple(stream))


AFTER = 3 * EVERY
"""Samples of silence after a recording's end: a microphone does not stop with the last word."""


def follow(estimator: StreamEstimator, sound: Floats) -> list[Estimate]:
    """Return every estimate of a sound that comes as a stream."""
    state, out = estimator.begin(), list[Estimate]()
    for start in range(0, len(sound), EVERY):
        state, estimate = estimator.step(state, sound[start : start + EVERY])
        if estimate is not None:
            out.append(estimate)
    return out


def _starts(first: int, last: int) -> list[int]:
    """Return where windows begin that cover rows ``first`` to ``last``, overlapping by half."""
    if last - first <= LONGEST + SHORTEST:
        return [max(first, last - LONGEST)]
    return [*range(first, last - LONGEST, LONGEST // 2), last - LONGEST]

"""What is heard in a voice at a moment, and who says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

RATE = 16_000
"""Samples a second of the sound that is listened to: one channel, -1 to 1."""

EVERY = 1_600
"""Samples from one estimate to the next: 100 ms."""

EMOTIONS = ("neutral", "happy", "sad", "angry", "fear", "disgust", "surprise")
"""The seven that are told apart, in the order of every array and tuple of probabilities."""

CIRCUMPLEX: tuple[tuple[float, float], ...] = (
    (0.0, 0.0),
    (0.8, 0.5),
    (-0.6, -0.5),
    (-0.6, 0.7),
    (-0.6, 0.6),
    (-0.6, 0.2),
    (0.2, 0.8),
)
"""Valence and arousal of each (Russell, 1980; rounded), -1 to 1. Heard arousal is that of a voice:
acted fear and anger are loud, acted sadness is quiet."""

UNKNOWN = (1 / len(EMOTIONS),) * len(EMOTIONS)
"""The probabilities of who knows nothing."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is heard, up to a moment.

    Without speech nothing is claimed: ``emotion`` is None, ``confidence`` 0, the probabilities are
    all the same, valence and arousal 0. In a pause between words what was heard last stands.

    Attributes:
        sample: how many samples had been heard since the beginning; divide by ``RATE`` for seconds.
        speech: how likely somebody speaks at this moment, 0 to 1.
        speaking: the same as yes or no, steady through the gaps between words.
        probabilities: of ``EMOTIONS``, in that order; they add up to 1, are smoothed over time, and
            calibrated: of what gets 0.7, seven of ten are right.
        emotion: the one that is claimed, which changes only when another is clearly ahead; None
            where nothing is claimed: no speech, too little of it yet, or nothing stands out.
        confidence: the probability of the emotion that is claimed, 0 to 1; 0 where none is.
        valence: from unpleasant to pleasant, -1 to 1; what the probabilities say on average.
        arousal: from quiet to excited, -1 to 1.
        heard_s: on how many seconds of speech this rests.
    """

    sample: int
    speech: float = 0.0
    speaking: bool = False
    probabilities: tuple[float, ...] = UNKNOWN
    emotion: str | None = None
    confidence: float = 0.0
    valence: float = 0.0
    arousal: float = 0.0
    heard_s: float = 0.0


State = TypeVar("State")


class VoiceEstimator(Protocol, Generic[State]):
    """Listens to a voice. What it remembers of one is a state, that the caller keeps.

    One estimator serves many voices, from several threads.
    """

    def begin(self) -> State:
        """Return the state of who has heard nothing yet."""
        ...

    def step(self, state: State, samples: Floats, /) -> tuple[State, Estimate | None]:
        """Hear the next samples, however many, and return the newest estimate that fell due.

        One falls due every ``EVERY`` samples; give at most so many at once to see each. ``state``
        is used up: go on with the one that is returned, and never with the old one.
        """
        ...

    def close(self) -> None:
        """Give back memory; idempotent."""
        ...


def average(probabilities: Sequence[float]) -> tuple[float, float]:
    """Return valence and arousal of a voice of which this is known, each -1 to 1."""
    valence, arousal = np.asarray(probabilities) @ np.asarray(CIRCUMPLEX)
    return float(valence), float(arousal)

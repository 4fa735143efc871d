"""How a voice usually sounds. What it seems to feel all the time is its manner, and no mood.

A network that learnt from a few dozen actors takes one stranger's creak for disgust and another's
loudness for anger, minute after minute. Who speaks in a call speaks for long, so it shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.audio_emotion.calibration import Doubles
from engines.audio_emotion.estimate import EMOTIONS, UNKNOWN

MOOD_S = 5.0
"""Seconds of speech that say nothing of a habit: one sentence is a mood."""

PATIENCE_S = 10.0
"""Seconds after that until what was heard counts as much as what is expected of anybody."""

MEMORY_S = 300.0
"""Seconds of speech that are remembered: who is angry from now on is so for minutes."""

COMMON = 0.2
"""How likely an emotion may be on average before it is taken for manner."""


@dataclass(frozen=True, slots=True)
class Habit:
    """What a voice has sounded like so far.

    Attributes:
        seconds: of speech that this rests on, at most ``MEMORY_S``.
        usual: mean probabilities of ``EMOTIONS``.
    """

    seconds: float = 0.0
    usual: tuple[float, ...] = UNKNOWN

    def after(self, probabilities: Doubles, seconds: float) -> Habit:
        """Return what is known after so much more speech that sounds like ``probabilities``."""
        total = self.seconds + seconds
        share = seconds / total
        usual = (1 - share) * np.asarray(self.usual) + share * probabilities
        return Habit(min(total, MEMORY_S), tuple(usual.tolist()))

    def beyond(self, probabilities: Doubles) -> Doubles:
        """Return [7] probabilities of what goes beyond the usual; neutral is never taken off."""
        seconds = max(0.0, self.seconds - MOOD_S)
        share = seconds / (seconds + PATIENCE_S)
        expected = share * np.asarray(self.usual) + (1 - share) * np.asarray(UNKNOWN)
        often = np.maximum(expected / COMMON, 1.0)
        often[EMOTIONS.index("neutral")] = 1.0
        left = probabilities / often
        return left / left.sum()

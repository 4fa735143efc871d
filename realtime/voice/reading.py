"""What is known of the voice at a moment, by a name that a person understands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from engines.audio_emotion.estimate import EMOTIONS, Estimate


class Hears(str, Enum):
    """How the listening goes."""

    STARTING = "starting"
    UNAVAILABLE = "unavailable"  # what listens cannot be loaded
    NO_MICROPHONE = "no microphone"  # no sound comes at all
    SILENT = "silent"  # it does, and all of it is silence: the microphone is muted
    NO_SPEECH = "no speech"  # noise, music, keys
    LISTENING = "listening"  # somebody speaks, too briefly yet
    UNSURE = "unsure"  # nothing stands out: a mixed feeling, or two who speak at once
    HEARD = "heard"


@dataclass(frozen=True, slots=True)
class Reading:
    """What is heard.

    Attributes:
        hears: how the listening goes.
        at: when, in nanoseconds on the clock of whoever listens.
        estimate: what is made of it; None where there is no speech to make something of.
        reason: why nothing is heard, in a sentence; only where that is not plain.
    """

    hears: Hears
    at: int = 0
    estimate: Estimate | None = None
    reason: str = ""

    def probability(self, *emotions: str) -> float:
        """Return how likely the voice has one of ``emotions``, 0 to 1."""
        if self.estimate is None:
            return 0.0
        both = zip(EMOTIONS, self.estimate.probabilities, strict=True)
        return sum(p for emotion, p in both if emotion in emotions)


ENOUGH_S = 0.5
"""Seconds of speech before a lack of a claim is a lack of certainty."""


def reading_of(estimate: Estimate, at: int, *, silent: bool) -> Reading:
    """Name what ``estimate`` says; ``silent`` tells that there was no sound at all of late."""
    if silent:
        return Reading(Hears.SILENT, at)
    if estimate.emotion is not None:
        return Reading(Hears.HEARD, at, estimate)
    if not estimate.speaking and estimate.heard_s == 0:
        return Reading(Hears.NO_SPEECH, at)
    if estimate.heard_s < ENOUGH_S:
        return Reading(Hears.LISTENING, at, estimate)
    return Reading(Hears.UNSURE, at, estimate)

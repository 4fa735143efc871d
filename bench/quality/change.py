"""How much of an acted change an edit makes: the paper's normalised change of emotion.

Magnusson et al. 2021, section 4.1: (g - s) / (d - s), where s is what a judge sees in the source
clip, d in the same actor's clip of the emotion asked for, and g in what was made of the source. 1
is as much as an actor; towards neutral, too much counts as much as too little.
"""

from __future__ import annotations

import numpy as np

from bench.quality.judges import LABELS, Floats

VALENCE = {
    "angry": -0.6, "disgust": -0.6, "fear": -0.6, "happy": 0.8, "sad": -0.6, "surprise": 0.2,
    "neutral": 0.0,
}  # fmt: skip
AROUSAL = {
    "angry": 0.7, "disgust": 0.2, "fear": 0.6, "happy": 0.5, "sad": -0.5, "surprise": 0.8,
    "neutral": 0.0,
}  # fmt: skip
"""Russell's circumplex, 1980, rounded. The paper reads both off a network of its own."""

LEAST = 0.05
"""An acted change that a judge hardly sees is no measure: of less than this nothing is told."""


def valence(probabilities: Floats) -> float:
    """Return the mean valence, -1 to 1, of judgements [N, 7] in the order of ``LABELS``."""
    return float(probabilities.mean(0) @ [VALENCE[label] for label in LABELS])


def arousal(probabilities: Floats) -> float:
    """Return the mean arousal, -1 to 1, of judgements [N, 7]."""
    return float(probabilities.mean(0) @ [AROUSAL[label] for label in LABELS])


def likelihood(probabilities: Floats, emotion: str) -> float:
    """Return the mean probability of an emotion in judgements [N, 7]."""
    return float(probabilities[:, LABELS.index(emotion)].mean())


def contrary(source: float, acted: float, *, rising: bool = True) -> bool:
    """Tell whether a judge sees an acted change go the wrong way: whoever does so praises edits
    that do the opposite of what was asked for.

    Args:
        source: what the judge sees in the source clip.
        acted: what it sees in the clip of the emotion asked for.
        rising: whether the change ought to be upwards.
    """
    return acted < source if rising else acted > source


def normalised(source: float, made: float, acted: float, *, to_neutral: bool) -> float | None:
    """Return the share of the acted change; None where an actor changed next to nothing."""
    if abs(acted - source) < LEAST:
        return None
    share = (made - source) / (acted - source)
    return 1 - abs(1 - share) if to_neutral else share


def mean(shares: list[float | None]) -> float | None:
    """Return the mean of those that could be told."""
    told = [share for share in shares if share is not None]
    return float(np.mean(told)) if told else None

"""Asking an estimator about many recordings, whole and as streams."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engines.audio_emotion.corpora import Utterance
from engines.audio_emotion.estimate import RATE, Floats
from engines.audio_emotion.estimator import StreamEstimator
from engines.audio_emotion.scores import Scores, score
from engines.audio_emotion.whole import Heard, hear


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came of it.

    Attributes:
        whole: of whole utterances.
        stream: of what the streams said last.
        agreement: share of the streams that ended with what the whole is heard as.
        silent: share of the recordings in which no speech was found.
        first_s: median and worst time from where speech begins to the first estimate.
    """

    whole: Scores
    stream: Scores
    agreement: float
    silent: float
    first_s: tuple[float, float]

    def words(self) -> dict[str, Any]:
        """Return it for a report in JSON; the whole's ``uar`` stands first, by itself too."""
        return {
            "uar": round(self.whole.uar, 4),
            "ece": round(self.whole.ece, 4),
            "whole": self.whole.words(),
            "stream": self.stream.words(),
            "stream_agrees": round(self.agreement, 4),
            "no_speech_found": round(self.silent, 4),
            "first_estimate_s": {
                "median": round(self.first_s[0], 3),
                "worst": round(self.first_s[1], 3),
            },
        }


def evaluate(
    utterances: Sequence[Utterance],
    estimator_of: Callable[[Utterance], StreamEstimator],
    sound_of: Callable[[Utterance], Floats],
    tell: Callable[[int], None],
) -> Evaluation:
    """Return how right the estimators are about ``utterances``."""
    heard: list[Heard] = []
    for number, utterance in enumerate(utterances):
        heard.append(hear(estimator_of(utterance), sound_of(utterance)))
        tell(number + 1)
    truth = np.array([utterance.index for utterance in utterances])
    whole = np.stack([h.probabilities for h in heard])
    last = np.stack([h.last for h in heard])
    same = (whole.argmax(axis=1) == last.argmax(axis=1)) & (last.sum(axis=1) > 0)
    waits = [wait for h in heard if (wait := _wait(h)) is not None]
    return Evaluation(
        score(whole, truth),
        score(last, truth),
        float(same.mean()),
        float(np.mean([not h.found for h in heard])),
        (float(np.median(waits)), max(waits)) if waits else (0.0, 0.0),
    )


def _wait(heard: Heard) -> float | None:
    """Return the seconds from where the speech begins to the first estimate."""
    first = next((e.sample for e in heard.stream if e.heard_s > 0), None)
    return None if first is None or heard.begins is None else (first - heard.begins) / RATE

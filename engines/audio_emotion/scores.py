"""How often the right emotion is heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engines.audio_emotion import calibration
from engines.audio_emotion.calibration import Doubles
from engines.audio_emotion.estimate import EMOTIONS

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scores:
    """Of answers among all seven emotions; only emotions that occur are counted.

    Attributes:
        count: recordings.
        recall: emotion to the share of its recordings that are heard as it.
        uar: unweighted average recall: the mean of those.
        confusion: [7, 8] recordings of each emotion by what was heard; the last: nothing.
        ece: expected calibration error over ten bins.
        reliability: [10, 3] of each bin the share, mean confidence and accuracy.
    """

    count: int
    recall: dict[str, float]
    uar: float
    confusion: Ints
    ece: float
    reliability: Doubles

    def words(self) -> dict[str, Any]:
        """Return it for a report in JSON."""
        return {
            "count": self.count,
            "recall": {name: round(value, 4) for name, value in self.recall.items()},
            "uar": round(self.uar, 4),
            "ece": round(self.ece, 4),
            "confusion": self.confusion.tolist(),
            "reliability": np.round(self.reliability, 4).tolist(),
        }


def score(probabilities: Doubles, truth: Ints) -> Scores:
    """Return the scores of [n, 7] probabilities; a row that adds up to 0 claimed nothing."""
    silent = probabilities.sum(axis=1) <= 0
    answers = np.where(silent, len(EMOTIONS), probabilities.argmax(axis=1))
    confusion = np.zeros((len(EMOTIONS), len(EMOTIONS) + 1), np.int64)
    np.add.at(confusion, (truth, answers), 1)
    recall = {
        emotion: float(confusion[index, index] / confusion[index].sum())
        for index, emotion in enumerate(EMOTIONS)
        if confusion[index].any()
    }
    uar = float(np.mean(list(recall.values()))) if recall else 0.0
    claimed, known = probabilities[~silent], truth[~silent]
    ece = calibration.error(claimed, known) if len(known) else 0.0
    table = (
        calibration.reliability(claimed, known) if len(known) else np.zeros((calibration.BINS, 3))
    )
    return Scores(len(truth), recall, uar, confusion, ece, table)

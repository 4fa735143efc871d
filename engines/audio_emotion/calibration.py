"""How far what is said to be likely is true.

C. Guo et al., On calibration of modern neural networks, 2017: one temperature divides the logits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]

BINS = 10


def softmax(logits: Doubles) -> Doubles:
    """Return probabilities along the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def surprise(logits: Doubles, truth: Ints, weights: Doubles, temperature: float) -> float:
    """Return the mean negative log-likelihood of [n, k] logits at a temperature."""
    likely = softmax(logits / temperature)[np.arange(len(truth)), truth]
    return float(-(weights * np.log(likely + 1e-12)).sum() / weights.sum())


def fit(logits: Doubles, truth: Ints, weights: Doubles | None = None) -> float:
    """Return the temperature, 0.2 to 5, that makes the truth least surprising."""
    weights = np.ones(len(truth)) if weights is None else weights
    candidates = [0.2 * 25 ** (step / 200) for step in range(201)]
    return min(candidates, key=lambda t: surprise(logits, truth, weights, t))


def reliability(probabilities: Doubles, truth: Ints) -> Doubles:
    """Return [``BINS``, 3]: share of the answers, mean confidence and accuracy of each bin."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    out = np.zeros((BINS, 3))
    for number in range(BINS):
        inside = bins == number
        if inside.any():
            out[number] = inside.mean(), confidence[inside].mean(), right[inside].mean()
    return out


def error(probabilities: Doubles, truth: Ints) -> float:
    """Return the expected calibration error, 0 to 1, over ten bins of confidence."""
    share, confidence, accuracy = reliability(probabilities, truth).T
    return float((share * np.abs(confidence - accuracy)).sum())

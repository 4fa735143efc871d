"""Opening the estimator with the weights that come with this package."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engines.audio_emotion.estimator import StreamEstimator
from engines.audio_emotion.network import SPEC, WEIGHTS
from engines.audio_emotion.speech import load
from engines.engine import AUTO, File, Options, open_engine


def open_estimator(
    backends: Sequence[str] = AUTO, options: Options | None = None, weights: Path = WEIGHTS
) -> StreamEstimator:
    """Return an estimator on the first of ``backends`` that runs the network.

    Raises:
        EngineError: none does, or speech cannot be told from other sound; the text says why, and
            what to install.
    """
    load()
    return StreamEstimator(open_engine(SPEC, File(weights), backends, options).engine)

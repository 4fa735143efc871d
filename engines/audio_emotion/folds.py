"""Who is trained on and who is not: no speaker is on both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engines.audio_emotion.corpora import Utterance
from engines.audio_emotion.estimate import EMOTIONS

Ints = NDArray[np.int64]


def deal(utterances: Sequence[Utterance], folds: int) -> Mapping[str, int]:
    """Return each speaker's fold; those of a corpus are dealt in turn, in alphabetical order."""
    out: dict[str, int] = {}
    for corpus in sorted({u.corpus for u in utterances}):
        speakers = sorted({u.speaker for u in utterances if u.corpus == corpus})
        out.update({speaker: turn % folds for turn, speaker in enumerate(speakers)})
    return out


def weights(utterances: Sequence[Utterance]) -> NDArray[np.float64]:
    """Return how often each is drawn: emotions alike, and larger corpora more, by their root.

    What a corpus lacks is not made up for by its other emotions: a few minutes of ordinary talk,
    all neutral, would else make everything neutral.
    """
    corpora = np.array([u.corpus for u in utterances])
    emotions = np.array([u.index for u in utterances])
    out = np.zeros(len(utterances))
    for corpus in set(corpora.tolist()):
        inside = corpora == corpus
        for emotion in range(len(EMOTIONS)):
            these = inside & (emotions == emotion)
            out[these] = np.sqrt(inside.sum()) / max(1, these.sum())
    return out / out.sum()

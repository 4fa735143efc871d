"""When somebody speaks: from how likely each moment is speech to stretches that hold together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engines.audio_emotion.estimate import RATE
from engines.audio_emotion.speech import CHUNK

SURE = 0.5
"""What is likelier than this is speech."""

BEGINS = 4
"""Chunks that must be speech on average before a turn begins, 128 ms: a click or key is not."""

ENDS = int(0.9 * RATE)
"""Samples without speech after which a turn is over."""

PAD = int(0.1 * RATE)
"""Samples before and after what was found to be speech that belong to it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What is known of who speaks.

    Attributes:
        heard: samples so far.
        recent: how likely speech was in the last ``BEGINS`` chunks.
        began: sample at which the turn began; None while nobody speaks.
        last: sample up to which there was speech.
        speech: samples of speech in this turn.
    """

    heard: int = 0
    recent: tuple[float, ...] = ()
    began: int | None = None
    last: int = 0
    speech: int = 0

    def after(self, probability: float) -> Turn:
        """Return what is known after one more chunk."""
        heard = self.heard + CHUNK
        recent = (*self.recent, probability)[-BEGINS:]
        now = replace(self, heard=heard, recent=recent)
        if self.began is None:
            if len(recent) == BEGINS and sum(recent) / BEGINS > SURE:
                spoken = sum(p > SURE for p in recent) * CHUNK
                return replace(now, began=heard - BEGINS * CHUNK, last=heard, speech=spoken)
            return now
        if probability > SURE:
            return replace(now, last=heard, speech=self.speech + CHUNK)
        if heard - self.last >= ENDS:
            return replace(now, began=None, speech=0)
        return now

    @property
    def probability(self) -> float:
        """How likely there is speech now: the last tenth of a second's mean."""
        return sum(self.recent) / len(self.recent) if self.recent else 0.0


def spoken(probabilities: Iterable[float]) -> tuple[int, int] | None:
    """Return from and to which sample there is speech in a whole sound; None where there is none.

    Pauses inside belong to it.
    """
    turn, first, last = Turn(), None, 0
    for probability in probabilities:
        turn = turn.after(float(probability))
        if turn.began is not None:
            first = turn.began if first is None else first
            last = turn.last
    return None if first is None else (first, last)

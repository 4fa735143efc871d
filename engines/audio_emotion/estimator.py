"""Listening to voices as they come: sound in, an estimate every tenth of a second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from engines.audio_emotion.calibration import Doubles, softmax
from engines.audio_emotion.contours import Contours
from engines.audio_emotion.estimate import EMOTIONS, EVERY, RATE, Estimate, Floats, average
from engines.audio_emotion.habit import Habit
from engines.audio_emotion.pitch import HOP
from engines.audio_emotion.speech import CHUNK, Silero, SpeechDetector
from engines.audio_emotion.stretch import LONGEST, SHORTEST, Stretch, rows_of, stretch
from engines.audio_emotion.turn import PAD, Turn
from engines.engine import Engine

ENOUGH = int(0.45 * RATE)
"""Samples of speech before anything is said about it."""

LATEST = int(0.8 * RATE)
"""Samples after a turn began at which something is said, though there was less."""

TRUST_S = 0.35
"""Seconds of speech from which half of what the network says is believed; of a whole utterance it
is nearly all. Fitted on the first second of speakers that the network had not heard."""

SMOOTH_S = 0.25
"""How long an estimate takes to follow by two thirds."""

LEAD = 0.08
"""By how much another emotion must be likelier than the one that is claimed."""

LEAST = 0.3
"""What is less likely than this is not claimed."""


@dataclass(frozen=True, slots=True)
class Listening:
    """What is remembered of one voice; used up by each step.

    Attributes:
        detector: tells speech from other sound.
        contours: the last seconds.
        rest: samples that do not fill a chunk yet.
        heard: samples so far.
        turn: who speaks, as far as is known.
        last: the estimate before.
        judged: up to which sample it rests on speech.
        habit: how the voice usually sounds.
    """

    detector: SpeechDetector
    contours: Contours
    rest: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    heard: int = 0
    turn: Turn = field(default_factory=Turn)
    last: Estimate = field(default_factory=lambda: Estimate(0))
    judged: int = 0
    habit: Habit = field(default_factory=Habit)


class StreamEstimator:
    """Estimates the emotion of voices by one network; see ``VoiceEstimator``.

    Args:
        engine: runs the network of ``network.SPEC``, and is closed with this.
        detector: makes what tells speech from other sound, for each voice.
    """

    def __init__(self, engine: Engine, detector: Callable[[], SpeechDetector] = Silero) -> None:
        self._engine = engine
        self._detector = detector

    @property
    def backend(self) -> str:
        """Who runs the network."""
        return self._engine.backend

    def begin(self) -> Listening:
        """Return the state of who has heard nothing yet."""
        return Listening(self._detector(), Contours(LONGEST + MARGIN))

    def step(self, state: Listening, samples: Floats, /) -> tuple[Listening, Estimate | None]:
        """Hear the next samples, however many, and return the newest estimate that fell due."""
        due: Estimate | None = None
        start = 0
        while start < len(samples):
            wanted = EVERY - state.heard % EVERY
            piece = np.asarray(samples[start : start + wanted], np.float32)
            state = _heard(state, piece)
            start += len(piece)
            if state.heard % EVERY == 0:
                state = self._estimated(state)
                due = state.last
        return state, due

    def judge(self, given: Stretch) -> Doubles:
        """Return the calibrated logits [7] of a stretch of speech."""
        outputs = self._engine(
            {"numbers": given.numbers[None], "spectrogram": given.spectrogram[None]}
        )
        return outputs["logits"][0].astype(np.float64)

    def close(self) -> None:
        """Give back memory; idempotent."""
        self._engine.close()

    def _estimated(self, state: Listening) -> Listening:
        """Return ``state`` with the estimate that is due as its last."""
        turn = state.turn
        if turn.began is None:
            return replace(state, last=Estimate(state.heard, turn.probability), judged=turn.last)
        going = replace(state.last, sample=state.heard, speech=turn.probability, speaking=True)
        waits = replace(state, last=going, judged=turn.last)
        if turn.speech < ENOUGH and turn.heard - turn.began < LATEST:
            return waits
        span = (max(turn.began, turn.last - (LONGEST * HOP - 2 * PAD)), turn.last)
        first, last = rows_of(span, PAD, state.contours.made)
        if last - first < SHORTEST:
            return waits
        heard_s = min(turn.speech / RATE, (last - first) * HOP / RATE)
        logits = self.judge(stretch(state.contours.passage(first, last)))
        sounds = softmax(logits * trust(heard_s))
        now, habit = state.habit.beyond(sounds), state.habit
        # Where nothing was said since, there is nothing to smooth: it settles.
        if turn.last != state.judged:
            habit = habit.after(sounds, EVERY / RATE)
            now = _smoothed(going, now) if state.last.heard_s > 0 else now
        return replace(waits, last=_claim(going, now, heard_s), habit=habit)


MARGIN = 150
"""Rows that are kept beyond what is looked at: silence may follow the last speech."""


def trust(heard_s: float) -> float:
    """Return how much of a network's say counts after so many seconds of speech, 0 to 1."""
    return heard_s / (heard_s + TRUST_S) * (1 + TRUST_S / 2)


def _heard(state: Listening, piece: Floats) -> Listening:
    """Return what is remembered once ``piece`` is heard too."""
    piece = np.nan_to_num(np.clip(piece, -1, 1), nan=0.0)
    state.contours.push(piece)
    waiting = np.concatenate([state.rest, piece])
    turn = state.turn
    whole = len(waiting) // CHUNK * CHUNK
    for chunk in waiting[:whole].reshape(-1, CHUNK):
        turn = turn.after(state.detector(chunk))
    return replace(state, rest=waiting[whole:], heard=state.heard + len(piece), turn=turn)


def _smoothed(before: Estimate, now: Doubles) -> Doubles:
    share = 1 - np.exp(-EVERY / RATE / SMOOTH_S)
    return (1 - share) * np.asarray(before.probabilities) + share * now


def _claim(going: Estimate, probabilities: Doubles, heard_s: float) -> Estimate:
    """Return what is claimed: the likeliest, unless what was claimed before is nearly as likely."""
    best = int(probabilities.argmax())
    held = EMOTIONS.index(going.emotion) if going.emotion else best
    chosen = best if probabilities[best] > probabilities[held] + LEAD else held
    confidence = float(probabilities[chosen])
    valence, arousal = average(probabilities.tolist())
    claimed = confidence >= LEAST
    return replace(
        going,
        probabilities=tuple(probabilities.tolist()),
        emotion=EMOTIONS[chosen] if claimed else None,
        confidence=confidence if claimed else 0.0,
        valence=valence,
        arousal=arousal,
        heard_s=heard_s,
    )

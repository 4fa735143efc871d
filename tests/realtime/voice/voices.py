"""Voices for tests: sound whose pitch tells the feeling, and who listens to the pitch alone."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engines.audio_emotion.estimate import EMOTIONS, EVERY, RATE, Estimate, average
from realtime.types import Floats

PITCHES = {"sad": 105.0, "angry": 150.0, "fear": 210.0, "happy": 295.0}
"""Hertz that stand for a feeling here."""


def probabilities(**known: float) -> tuple[float, ...]:
    """Return those of the seven; what is left is shared by the others."""
    rest = (1 - sum(known.values())) / (len(EMOTIONS) - len(known))
    return tuple(known.get(emotion, rest) for emotion in EMOTIONS)


def estimate(emotion: str | None = None, confidence: float = 0.8, **known: float) -> Estimate:
    """Return what is heard of somebody who speaks."""
    if emotion is not None:
        known = {emotion: confidence, **known}
    odds = probabilities(**known)
    valence, arousal = average(odds)
    claimed = confidence if emotion else 0.0
    return Estimate(RATE, 0.95, True, odds, emotion, claimed, valence, arousal, 2.0)


QUIET = Estimate(RATE)


def voice(emotion: str, seconds: float, rate: int = RATE) -> Floats:
    """Return a buzz at the pitch of ``emotion``, in syllables."""
    t = np.arange(round(seconds * rate)) / rate
    pitch = PITCHES[emotion]
    buzz = sum(np.sin(2 * np.pi * k * pitch * t) / k for k in range(1, 8))
    syllables = np.clip(np.sin(2 * np.pi * 3 * t) + 0.9, 0.1, 1)
    return (0.2 * buzz * syllables).astype(np.float32)


def silence(seconds: float, rate: int = RATE) -> Floats:
    return np.zeros(round(seconds * rate), np.float32)


@dataclass
class Remembered:
    """What is remembered of a voice."""

    recent: Floats = field(default_factory=lambda: np.zeros(RATE // 2, np.float32))
    heard: int = 0
    spoken: int = 0


class PitchEstimator:
    """Tells feelings by pitch, as no real one does: what is known of the voice is known exactly."""

    def __init__(self) -> None:
        self.closed = 0

    def begin(self) -> Remembered:
        return Remembered()

    def step(self, state: Remembered, samples: Floats, /) -> tuple[Remembered, Estimate | None]:
        recent = np.concatenate([state.recent, samples])[-RATE // 2 :]
        heard = state.heard + len(samples)
        spoken = state.spoken
        found: Estimate | None = None
        if heard // EVERY > state.heard // EVERY:
            found = _estimate(recent, heard, spoken)
            spoken = spoken + EVERY if found.speaking else 0
        return Remembered(recent, heard, spoken), found

    def close(self) -> None:
        self.closed += 1


def _estimate(recent: Floats, heard: int, spoken: int) -> Estimate:
    if float(np.abs(recent).max()) < 0.01:
        return Estimate(heard)
    if spoken < RATE // 2:
        return Estimate(heard, 0.9, True, heard_s=spoken / RATE)
    hertz = _pitch(recent)
    emotion = min(PITCHES, key=lambda name: abs(np.log(PITCHES[name] / hertz)))
    odds = probabilities(**{emotion: 0.8})
    valence, arousal = average(odds)
    return Estimate(heard, 0.9, True, odds, emotion, 0.8, valence, arousal, spoken / RATE)


def _pitch(recent: Floats) -> float:
    """Return the pitch by the highest peak of the autocorrelation between 80 and 500 Hz."""
    spectrum = np.abs(np.fft.rfft(recent * np.hanning(len(recent)), 2 * len(recent))) ** 2
    alike = np.fft.irfft(spectrum)
    low, high = RATE // 500, RATE // 80
    best = alike[low:high].max()
    # The first lag that is nearly as good: twice the period is as good as once.
    lags = np.flatnonzero(alike[low:high] > 0.9 * best) + low
    first = lags[0]
    while first + 1 < high and alike[first + 1] > alike[first]:
        first += 1
    return RATE / float(first)

"""How late a clip's sound is: what files from the web get wrong, and nobody learns lip sync from.

SyncNet's authors put their recordings in step before they learn from them (Chung and Zisserman,
"Out of Time", 2016, section 3), by SyncNet itself. Here there is none yet: how far the lips are
apart is told from the sound by a linear fit, at each shift, and told best where both are in step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engines.wav2lip_emotion.faces import Floats
from engines.wav2lip_emotion.store import FPS, RATE
from engines.wav2lip_emotion.windows import PER_SECOND, Clip

LIPS = (13, 14)
"""The middles of the inner lips."""

REACH = 10
"""Pictures by which sound is tried earlier and later."""

SHORTEST = 100
"""Pictures of a clip of which anything can be said."""

FOLDS = 4
RIDGE = 0.3
POOLED = 8
"""Bands of the spectrogram that count as one."""

TREND = 37
"""Pictures, 1.5 s, beyond which a change is no syllable."""

CLEAR, ABOVE, NEAR = 0.35, 0.1, 4
"""How well the lips are told at the best shift, how much better than at any other that is more than
so many pictures away. What is less clear says nothing."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """What a clip's lips say.

    Attributes:
        seconds: by which the sound is late; negative where it is early.
        told: how well the lips are told from the sound there, as a correlation.
        clear: whether any of this can be believed.
    """

    seconds: float
    told: float
    clear: bool


def lateness(clip: Clip) -> Lateness:
    """Return how late the sound of a clip is."""
    count = len(clip.prepared)
    if count < SHORTEST or len(clip.prepared.sound) < count * RATE // FPS // 2:
        return Lateness(0.0, 0.0, False)
    lips, heard = _lips(clip), _heard(clip)
    shifts = np.arange(-REACH, REACH + 1)
    inner = np.arange(REACH, count - REACH)
    told = np.array([_told(heard[inner + shift], lips[inner]) for shift in shifts])
    best = int(told.argmax())
    elsewhere = told[np.abs(shifts - shifts[best]) > NEAR].max()
    clear = told[best] >= CLEAR and told[best] - elsewhere >= ABOVE
    # The top is flat, for a fit hears a little to both sides: its middle counts.
    near = (np.abs(shifts - shifts[best]) <= NEAR) & (told > 0.85 * told[best])
    middle = float(np.average(shifts[near], weights=told[near])) if clear else 0.0
    return Lateness(middle / FPS, float(told[best]), bool(clear))


def in_step(clip: Clip) -> Clip:
    """Return a clip whose sound is in step, where its lips say how late it was."""
    late = round(lateness(clip).seconds * RATE)
    sound = clip.prepared.sound
    moved = sound[late:] if late >= 0 else np.concatenate([np.zeros(-late, np.float32), sound])
    return Clip(replace(clip.prepared, sound=moved)) if late else clip


def may_teach(clip: Clip) -> bool:
    """Tell whether lip sync can be learnt from a clip: it is clearly in step, or too short to say.

    What is short is of a corpus as a rule, and those were recorded in step.
    """
    return len(clip.prepared) < SHORTEST or lateness(clip).clear


def _lips(clip: Clip) -> Floats:
    """[T] how far the lips are apart, without what changes slowly."""
    upper, lower = (clip.prepared.points[:, k] for k in LIPS)
    return _even(np.linalg.norm(upper - lower, axis=1)[:, None])[:, 0]


def _heard(clip: Clip) -> Floats:
    """[T, 30] the sound just before, at and just after each picture."""
    pooled = clip.mel.reshape(len(clip.mel), -1, POOLED).mean(2)
    at = np.rint(np.arange(len(clip.prepared)) * (PER_SECOND / FPS)).astype(int)
    near = [pooled[np.clip(at + step, 0, len(pooled) - 1)] for step in (-3, 0, 3)]
    return _even(np.concatenate(near, 1))


def _even(values: Floats) -> Floats:
    """Return columns [T, n] without their trends, each as strong as the others."""
    kernel = np.ones(TREND) / TREND
    padded = np.pad(values, ((TREND // 2, TREND // 2), (0, 0)), "edge")
    trends = np.apply_along_axis(lambda column: np.convolve(column, kernel, "valid"), 0, padded)
    left = values - trends
    return np.asarray((left - left.mean(0)) / (left.std(0) + 1e-6), np.float32)


def _told(heard: Floats, lips: Floats) -> float:
    """Return how well lips [T] are told from sound [T, n]: each quarter by the others' fit."""
    guess = np.zeros_like(lips)
    for part in np.array_split(np.arange(len(lips)), FOLDS):
        others = np.setdiff1d(np.arange(len(lips)), part)
        x, y = heard[others], lips[others]
        fit = np.linalg.solve(x.T @ x + RIDGE * len(x) * np.eye(x.shape[1]), x.T @ y)
        guess[part] = heard[part] @ fit
    spread = float(guess.std() * lips.std())
    return float(((guess - guess.mean()) * (lips - lips.mean())).mean()) / spread if spread else 0.0

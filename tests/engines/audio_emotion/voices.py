"""Sounds made by sums: a voice that speaks vowels, and what is no voice."""

from __future__ import annotations

import numpy as np

from engines.audio_emotion.estimate import RATE, Floats

VOWELS = (
    (730, 1090, 2440),
    (270, 2290, 3010),
    (570, 840, 2410),
    (530, 1840, 2480),
    (300, 870, 2240),
)
"""Formants in Hz (Peterson and Barney, 1952)."""


def silence(seconds: float) -> Floats:
    return np.zeros(int(seconds * RATE), np.float32)


def hiss(seconds: float, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(0, 0.02, int(seconds * RATE)).astype(np.float32)


def voice(seconds: float, pitch: float = 120.0, pace: float = 4.0, seed: int = 0) -> Floats:
    """Return somebody who says ``pace`` syllables a second: pulses through formants."""
    random = np.random.default_rng(seed)
    count = int(seconds * RATE)
    time = np.arange(count) / RATE
    melody = pitch * 2 ** (0.2 * np.sin(2 * np.pi * 0.7 * time) + 0.02 * np.sin(40 * time))
    phase = 2 * np.pi * np.cumsum(melody) / RATE
    out = np.zeros(count)
    size = int(RATE / pace)
    for start in range(0, count, size):
        part = slice(start, min(start + size, count))
        formants = VOWELS[int(random.integers(len(VOWELS)))]
        swell = np.sin(np.pi * np.linspace(0, 1, part.stop - part.start)) ** 0.5
        for harmonic in range(1, int(4000 / pitch)):
            hertz = harmonic * pitch
            gain = (
                sum(1 / (1 + ((hertz - f) / (60 + 0.06 * f)) ** 2) for f in formants)
                / harmonic**0.7
            )
            out[part] += swell * gain * np.sin(harmonic * phase[part])
        consonant = slice(start, start + min(size // 5, part.stop - start))
        out[consonant] *= 0.1
        out[consonant] += random.normal(0, 0.15, consonant.stop - consonant.start)
    out = out / np.abs(out).max() * 0.4 + random.normal(0, 0.001, count)
    return out.astype(np.float32)


def music(seconds: float) -> Floats:
    """Return chords that are struck and fade, with a drum."""
    count = int(seconds * RATE)
    time = np.arange(count) / RATE
    beat = time % 0.5
    roots = np.array([220.0, 174.6, 261.6, 196.0])[(time // 1.0).astype(int) % 4]
    phase = 2 * np.pi * np.cumsum(roots) / RATE
    chord = sum(np.sin(step * phase) + 0.4 * np.sin(2 * step * phase) for step in (1, 1.25, 1.5, 2))
    drum = np.random.default_rng(1).normal(0, 1, count) * np.exp(-beat * 60)
    return ((chord * np.exp(-beat * 3) * 0.08 + 0.1 * drum) * 0.7).astype(np.float32)


def typing(seconds: float) -> Floats:
    """Return keys that are struck, seven a second, in a quiet room."""
    random = np.random.default_rng(2)
    out = random.normal(0, 0.002, int(seconds * RATE))
    for start in np.cumsum(random.exponential(0.14, int(seconds * 7))):
        at = int(start * RATE)
        click = random.normal(0, 0.3, 400) * np.exp(-np.arange(400) / 60)
        out[at : at + 400] += click[: max(0, len(out) - at)]
    return out.astype(np.float32)

"""How high a voice is, and how periodic, moment by moment.

P. Boersma, Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise
ratio of a sampled sound, 1993: the autocorrelation of a window of sound, divided by that of the
window alone, has its highest peak at the period. (Without the paper's search for the best path:
what follows looks at whole distributions.)
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from engines.audio_emotion.estimate import RATE, Floats

HOP = 160
"""Samples from one moment to the next."""

WINDOW = 1024
"""Samples that one moment looks at: three periods of the lowest voice."""

LOWEST, HIGHEST = 60.0, 600.0
"""Hz."""

OCTAVE_COST = 0.02
"""What a period twice as long must be better by (the paper's 0.01; noise asks for more)."""

REFERENCE = 100.0
"""Hz that count as 0 octaves."""


def pitches(windows: Floats) -> Floats:
    """Return [moments, 2]: octaves above ``REFERENCE``, and how periodic the sound is, 0 to 1.

    Args:
        windows: [moments, ``WINDOW``] of sound.
    """
    bell, share, costs = _tables()
    given = windows - windows.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(given * bell, 2 * WINDOW)
    power = spectrum.real**2 + spectrum.imag**2
    correlation = np.fft.irfft(power)[:, : len(share)]
    strength = correlation[:, :1] + SILENCE
    normal = correlation[:, _shortest() - 1 :] / strength / share[_shortest() - 1 :].clip(0.1, None)
    return _peaks(normal, costs).astype(np.float32)


SILENCE = 1e-5
"""Energy of a window that counts as none: no period is looked for in the last bit."""


def _peaks(normal: NDArray[np.float64], costs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return octaves and periodicity of the best lag inside, between lags by a parabola."""
    inside = normal[:, 1:-1]
    is_peak = (inside >= normal[:, :-2]) & (inside >= normal[:, 2:])
    best = np.where(is_peak, inside + costs, -1.0).argmax(axis=1)
    rows = np.arange(len(normal))
    before, at, after = (normal[rows, best + step] for step in (0, 1, 2))
    bend = np.minimum(before - 2 * at + after, -1e-9)
    shift = np.clip(0.5 * (before - after) / bend, -0.5, 0.5)
    lag = _shortest() + best + shift
    octaves = np.log2(RATE / lag / REFERENCE)
    return np.stack([octaves, np.clip(at, 0.0, 1.0)], axis=1)


def _shortest() -> int:
    return int(RATE / HIGHEST)


@cache
def _tables() -> tuple[Floats, NDArray[np.float64], NDArray[np.float64]]:
    longest = int(RATE / LOWEST)
    bell = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(WINDOW) + 0.5) / WINDOW)
    alone = np.fft.irfft(np.abs(np.fft.rfft(bell, 2 * WINDOW)) ** 2)[: longest + 2]
    lags = np.arange(_shortest(), longest + 1)
    costs = -OCTAVE_COST * np.log2(lags / lags[0])
    return bell.astype(np.float32), (alone / alone[0])[: longest + 2], costs

"""A stretch of speech as a few hundred numbers: how contours lie, spread and move.

After F. Eyben et al., The Geneva minimalistic acoustic parameter set (GeMAPS) for voice research
and affective computing, 2016: pitch, loudness, tilt, timbre and rhythm, each by its mean, spread,
percentiles and slope. None depends on how loud the microphone is; what a steady noise adds to each
band is taken off first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import cast

import numpy as np
from numpy.typing import NDArray

from engines.audio_emotion.estimate import Floats

BANDS = 64
"""Of the spectrogram, columns 0 to 63 of the contours; then pitch in octaves, then periodicity."""

CEPSTRA = 14
RANGE_DB = 50.0
"""What is further below the loud moments than this is as good as silent."""

VOICED = 0.5
"""Periodicity from which a moment has a pitch."""

PERCENTILES = (0.05, 0.2, 0.5, 0.8, 0.95)
QUARTERS = 4
MODULATIONS = (1.0, 2.5, 5.0, 9.0, 16.0, 32.0)
"""Edges in Hz of how fast loudness comes and goes: phrases, words, syllables, roughness."""

Bools = NDArray[np.bool_]
Doubles = NDArray[np.float64]


COUNT = 388
"""Numbers in all."""


@dataclass(frozen=True, slots=True)
class Tracks:
    """Contours of a stretch, ten milliseconds a row.

    Attributes:
        bands: [n, 64] in dB, 0 where loud.
        loudness: [n] in dB.
        pitch: [n] in semitones.
        periodicity: [n], 0 to 1.
        loud: [n], whether it is speech rather than a gap.
        voiced: [n], whether it has a pitch.
    """

    bands: Doubles
    loudness: Doubles
    pitch: Doubles
    periodicity: Doubles
    loud: Bools
    voiced: Bools


def functionals(contours: Floats) -> Floats:
    """Return [COUNT] numbers about [n, 66] contours, n at least 1."""
    tracks = _tracks(contours)
    cepstra = tracks.bands @ _cosines()
    flux = np.abs(np.diff(tracks.bands, axis=0, prepend=tracks.bands[:1])).mean(axis=1)
    centre = _centre(tracks.bands)
    always = np.column_stack([cepstra, tracks.loudness, tracks.periodicity, flux, centre])
    tilts = _tilts(tracks.bands)
    voiced = np.column_stack([tracks.pitch, tilts, cepstra[:, :4]])
    parts = (
        _statistics(always[tracks.loud]),
        _statistics(voiced[tracks.voiced]),
        _motion(np.column_stack([cepstra[:, :6], tracks.loudness, tilts[:, 0]])),
        _melody(tracks),
        _rhythm(tracks),
        _quarters(tracks, tilts[:, 0]),
        _modulations(tracks),
        _long_term(tracks),
    )
    out = np.concatenate([np.ravel(part) for part in parts])
    return np.nan_to_num(out, posinf=0, neginf=0).astype(np.float32)


def _tracks(contours: Floats) -> Tracks:
    given = contours.astype(np.float64)
    power: Doubles = 10.0 ** given[:, :BANDS]
    steady = np.sort(power, axis=0)[len(power) // 20]
    power = np.maximum(power - steady, 0.05 * power)
    loudness = 10 * np.log10(power.sum(axis=1) + 1e-9)
    ordered = np.sort(loudness)
    top = ordered[int(0.95 * (len(ordered) - 1))]
    bottom = max(ordered[len(ordered) // 20], top - 40)
    loud = loudness > bottom + 0.35 * (top - bottom)
    loud[int(loudness.argmax())] = True
    periodicity = given[:, BANDS + 1]
    voiced = loud & (periodicity > VOICED)
    if voiced.sum() < FEWEST:
        voiced = loud
    bands = np.maximum(10 * np.log10(power + 1e-12) - top, -RANGE_DB - 20)
    loudness = np.maximum(loudness - top, -RANGE_DB)
    pitch = 12 * given[:, BANDS]
    return Tracks(bands, loudness, pitch, periodicity, loud, voiced)


FEWEST = 4
"""Moments with a pitch; where there are fewer, all loud ones are looked at."""


@cache
def _cosines() -> NDArray[np.float64]:
    """Return [64, 14]: the cosine transform without its constant, scaled for tens of dB."""
    phase = np.pi / BANDS * (np.arange(BANDS)[:, None] + 0.5) * np.arange(1, CEPSTRA + 1)
    return np.cos(phase) * np.sqrt(2 / BANDS) / 10


def _centre(bands: Doubles) -> Doubles:
    power: Doubles = 10.0 ** (bands / 10)
    return power @ np.arange(BANDS) / power.sum(axis=1)


def _tilts(bands: Doubles) -> Doubles:
    """Return [n, 3]: high against low by mean and by peak, and the slope below 1 kHz."""
    mean = bands[:, 36:].mean(axis=1) - bands[:, 6:20].mean(axis=1)
    peak = bands[:, 32:].max(axis=1) - bands[:, :28].max(axis=1)
    low = bands[:, 8:24] @ np.linspace(-1, 1, 16) / 16
    return np.column_stack([mean, peak, low])


def _statistics(values: Doubles) -> Doubles:
    """Return mean, spread, percentiles, their range, slope and skew of each of [n, k]."""
    count = len(values)
    mean, spread = values.mean(axis=0), values.std(axis=0)
    ordered = np.sort(values, axis=0)
    chosen = ordered[[int(share * (count - 1)) for share in PERCENTILES]]
    slope = 3 * np.linspace(-1, 1, count) @ values / count
    skew = ((values - mean) ** 3).mean(axis=0) / (spread**3 + 1e-3)
    return np.stack([mean, spread, *chosen, chosen[-1] - chosen[0], slope, skew])


def _motion(values: Doubles) -> Doubles:
    if len(values) < 3:
        return np.zeros((4, values.shape[1]))
    steps = values[2:] - values[:-2]
    return np.stack(
        [steps.std(axis=0), np.abs(steps).mean(axis=0), steps.max(axis=0), steps.min(axis=0)]
    )


def _melody(tracks: Tracks) -> list[float]:
    """Return how the pitch moves from moment to moment: trend, spread, pace, share of rises."""
    steps = np.diff(tracks.pitch)
    steps = steps[tracks.voiced[1:] & tracks.voiced[:-1] & (np.abs(steps) < 2)]
    if len(steps) < 3:
        return [0.0, 0.0, 0.0, 0.5]
    return [steps.mean(), steps.std(), np.abs(steps).mean(), (steps > 0).mean()]


def _rhythm(tracks: Tracks) -> list[float]:
    """Return voiced stretches a second, their lengths, shares of voice and speech, syllables."""
    edges = np.diff(np.concatenate([[0], tracks.voiced.astype(np.int8), [0]]))
    lengths = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
    count = len(tracks.voiced)
    bell = _bell(9)
    smooth = cast("Doubles", np.convolve(tracks.loudness, bell / bell.sum(), "same"))
    inner = smooth[1:-1]
    peaks = (inner > smooth[:-2]) & (inner >= smooth[2:]) & (inner > -15)
    return [
        100 * len(lengths) / count,
        lengths.mean(),
        lengths.std(),
        lengths.max(),
        tracks.voiced.mean(),
        tracks.loud.mean(),
        100 * peaks.sum() / count,
    ]


def _quarters(tracks: Tracks, tilt: Doubles) -> list[float]:
    """Return how pitch, loudness and tilt go from beginning to end."""
    mean = tracks.pitch[tracks.voiced].mean()
    out: list[float] = []
    for part in np.array_split(np.arange(len(tilt)), QUARTERS):
        here = part[tracks.voiced[part]]
        out.append(float(tracks.pitch[here].mean() - mean) if len(here) else 0.0)
        out.append(float(tracks.loudness[part].mean()) if len(part) else -RANGE_DB)
        out.append(float(tilt[part].mean()) if len(part) else 0.0)
    return out


def _modulations(tracks: Tracks) -> Doubles:
    """Return [5, 5] in dB: how much loudness, whole and by four bands, comes and goes how fast."""
    wide = tracks.bands.reshape(-1, 4, BANDS // 4).mean(axis=2).clip(-RANGE_DB)
    values = np.column_stack([tracks.loudness, wide])
    values = (values - values.mean(axis=0)) * _bell(len(values) + 2)[1:-1, None]
    power: Doubles = np.abs(np.fft.rfft(values, 1024, axis=0)) ** 2 / len(values)
    edges = [round(1024 * hertz / 100) for hertz in MODULATIONS]
    sums = [power[a:b].sum(axis=0) for a, b in pairwise(edges)]
    return 10 * np.log10(np.stack(sums) + 1).astype(np.float64)


def _bell(size: int) -> Doubles:
    """Return [size], 0 at either end and 1 in the middle (Hann)."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / (size - 1))


def _long_term(tracks: Tracks) -> Doubles:
    """Return [3, 16]: the voice's mean spectrum, how it varies, and that of what has no pitch."""
    coarse = tracks.bands.reshape(-1, 16, BANDS // 16).mean(axis=2)
    hissing = tracks.loud & ~tracks.voiced
    return np.stack(
        [
            coarse[tracks.voiced].mean(axis=0),
            coarse[tracks.loud].std(axis=0),
            coarse[hissing].mean(axis=0) if hissing.any() else np.full(16, -30.0),
        ]
    )

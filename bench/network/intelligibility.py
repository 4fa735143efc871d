"""How much of a voice is still understood: STOI, the correlation of its envelopes band by band.

After Taal, Hendriks, Heusdens and Jensen, "A short-time objective intelligibility measure" (2010):
1 is the voice itself; listeners understand nearly every word from about 0.75 on. Each stretch may
be shifted a little against the original, as a jitter buffer plays faster and slower.
"""

from __future__ import annotations

import numpy as np

from realtime.types import Floats

RATE = 10_000
FRAME, STEP, BINS = 256, 128, 512
BANDS, LOWEST = 15, 150.0
"""Third-octaves, from this centre on, hertz."""
STRETCH = 30
"""Frames that are compared at a time: 384 ms."""
CLIP = 10 ** (15 / 20)
"""Louder by more than that than the original counts as no louder: noise is not more voice."""
QUIET = 40.0
"""Decibels below the loudest frame at which there is no voice to understand."""
SPOKEN = 0.4
"""Share of a stretch in which there must be voice; frames without it are left out."""
SHIFT = 8
"""Frames by which a stretch may be off, 100 ms either way."""


def intelligibility(original: Floats, heard: Floats, rate: int) -> float:
    """Return STOI of ``heard`` against ``original``, which may begin elsewhere and is repeated."""
    repeated = np.tile(original, len(heard) // len(original) + 2)
    clean, other = (_bands(_resampled(sound, rate)) for sound in (repeated, heard))
    loudness = 10 * np.log10(np.sum(clean**2, axis=0) + 1e-12)
    voiced = loudness > loudness.max() - QUIET
    start = _offset(clean, other, round(len(original) / rate * RATE / STEP))
    scores: list[float] = []
    for at in range(0, other.shape[1] - STRETCH, STRETCH // 2):
        part = other[:, at : at + STRETCH]
        found: list[tuple[float, int]] = []
        for place in range(max(0, start + at - SHIFT), start + at + SHIFT + 1):
            there = voiced[place : place + STRETCH]
            if len(there) == STRETCH and np.mean(there) >= SPOKEN:
                meant = clean[:, place : place + STRETCH]
                found.append((_similar(meant[:, there], part[:, there]), place))
        if found:
            score, best = max(found)
            start += (best - start - at + 1) // 2  # clocks differ: follow slowly
            scores.append(score)
    return float(np.mean(scores)) if scores else 0.0


def _resampled(sound: Floats, rate: int) -> Floats:
    count = len(sound) * RATE // rate
    # A mean over each step first, so that what is above the new limit does not fold down.
    width = max(1, rate // RATE)
    smooth = np.convolve(sound, np.ones(width) / width, "same")
    found = np.interp(np.arange(count) * (rate / RATE), np.arange(len(sound)), smooth)
    return found.astype(np.float32)


def _bands(sound: Floats) -> Floats:
    """Return the envelopes, [band, frame]."""
    count = max(1, (len(sound) - FRAME) // STEP)
    frames = np.stack([sound[i * STEP : i * STEP + FRAME] for i in range(count)])
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(FRAME), BINS)) ** 2
    hertz = np.fft.rfftfreq(BINS, 1 / RATE)
    centres = LOWEST * 2 ** (np.arange(BANDS) / 3)
    edges = [(hertz >= c * 2 ** (-1 / 6)) & (hertz < c * 2 ** (1 / 6)) for c in centres]
    return np.sqrt(np.stack([spectrum[:, edge].sum(axis=1) for edge in edges])).astype(np.float32)


def _offset(clean: Floats, other: Floats, period: int) -> int:
    """Return the frame of ``clean``, below ``period``, at which ``other`` begins."""
    length = min(other.shape[1], period)
    part = other[:, :length] - other[:, :length].mean(axis=1, keepdims=True)
    scores = [float(np.sum(part * clean[:, p : p + length])) for p in range(period)]
    return int(np.argmax(scores))


def _similar(clean: Floats, part: Floats) -> float:
    """Return the mean over bands of the correlation of two stretches."""
    scale = np.linalg.norm(clean, axis=1, keepdims=True) / (
        np.linalg.norm(part, axis=1, keepdims=True) + 1e-9
    )
    fitted = np.minimum(part * scale, clean * (1 + CLIP))
    a, b = (x - x.mean(axis=1, keepdims=True) for x in (clean, fitted))
    norms = np.sqrt(np.sum(a * a, axis=1) * np.sum(b * b, axis=1))
    products: Floats = np.sum(a * b, axis=1)
    return float(np.divide(products, norms + 1e-9).mean())

"""Other voices, rooms, microphones and lines, made out of the recordings at hand.

Every change is a function of the sound and of a random generator, so that a seed tells the whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from engines.audio_emotion.estimate import RATE, Floats

Random = np.random.Generator
Doubles = NDArray[np.float64]
Complexes = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How likely each change is, and how far it goes.

    Attributes:
        speed: factor by which a voice is at most faster and higher, or slower and lower.
        tempo: factor by which it is at most faster or slower at the same pitch.
        gain_db: how much louder or quieter at most.
        colour_db: how far a microphone's response strays.
        snr_db: least and most of what is added.
        reverberation_s: least and most time in which a room's sound falls by 60 dB.
        chances: of speed, tempo, colour, room, noise, band, codec; 0 to 1.
    """

    speed: float = 1.18
    tempo: float = 1.2
    gain_db: float = 12.0
    colour_db: float = 8.0
    snr_db: tuple[float, float] = (4.0, 30.0)
    reverberation_s: tuple[float, float] = (0.15, 0.7)
    chances: tuple[float, ...] = (0.7, 0.5, 0.6, 0.3, 0.6, 0.25, 0.15)


def augment(sound: Floats, random: Random, recipe: Recipe, others: Sequence[Floats] = ()) -> Floats:
    """Return ``sound`` as somebody else might have said it, heard somewhere else.

    Args:
        sound: mono, -1 to 1.
        random: says what is done.
        recipe: says how often and how far.
        others: speech that may be heard in the background.
    """
    speed, tempo, colour, room, noise, band, codec = random.random(7) < recipe.chances
    if speed:
        sound = resampled(sound, _factor(random, recipe.speed))
    if tempo:
        sound = stretched(sound, _factor(random, recipe.tempo))
    if colour:
        sound = coloured(sound, random, recipe.colour_db)
    if room:
        sound = in_a_room(sound, random, random.uniform(*recipe.reverberation_s))
    if noise:
        sound = noisy(sound, background(len(sound), random, others), random.uniform(*recipe.snr_db))
    if band:
        low, high = random.uniform(50, 350), random.uniform(3000, 7000)
        sound = limited(sound, low, high)
    if codec:
        sound = companded(sound) if random.random() < 0.5 else transform_coded(sound, random)
    gain = 10 ** (random.uniform(-recipe.gain_db, recipe.gain_db) / 20)
    return np.clip(sound * gain, -1, 1).astype(np.float32)


def _factor(random: Random, most: float) -> float:
    return float(np.exp(random.uniform(-1, 1) * np.log(most)))


def resampled(sound: Floats, speed: float) -> Floats:
    """Return the sound ``speed`` times as fast and as high, as a tape would play it."""
    size = max(1, round(len(sound) / speed))
    spectrum = np.fft.rfft(sound)
    kept = np.zeros(size // 2 + 1, np.complex128)
    count = min(len(kept), len(spectrum))
    kept[:count] = spectrum[:count]
    return (np.fft.irfft(kept, size) * (size / len(sound))).astype(np.float32)


GRAIN = 480
"""Samples of a piece that is moved whole; neighbours overlap by half."""

SEARCH = 160
"""How far a piece may be taken from beside its place, so that it goes on where the last one was."""


def stretched(sound: Floats, tempo: float) -> Floats:
    """Return the sound ``tempo`` times as fast at the same pitch.

    W. Verhelst, M. Roelands, An overlap-add technique based on waveform similarity (WSOLA),
    1993.
    """
    half = GRAIN // 2
    steps = max(1, int(len(sound) / tempo) // half)
    padded = np.pad(sound, (SEARCH, GRAIN * 2 + SEARCH))
    bell = (0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(GRAIN) + 0.5) / GRAIN)).astype(np.float32)
    out = np.zeros(steps * half + GRAIN, np.float32)
    at = SEARCH
    for step in range(steps):
        wanted = SEARCH + int(step * half * tempo)
        if step:
            follows = padded[at + half : at + half + GRAIN]
            around = padded[wanted - SEARCH : wanted + SEARCH + GRAIN]
            at = wanted - SEARCH + int(np.correlate(around, follows, "valid").argmax())
        at = min(at, len(padded) - GRAIN - half)
        out[step * half : step * half + GRAIN] += bell * padded[at : at + GRAIN]
    return out[: steps * half]


def coloured(sound: Floats, random: Random, strength_db: float) -> Floats:
    """Return the sound by a microphone whose response is a random smooth curve."""
    corners = random.normal(0, strength_db / 2, 8).clip(-strength_db, strength_db)
    octaves = np.linspace(math.log2(60), math.log2(8000), 8)
    frequencies = np.fft.rfftfreq(len(sound), 1 / RATE)
    curve = np.interp(np.log2(np.maximum(frequencies, 1)), octaves, corners)
    return _filtered(sound, 10 ** (curve / 20))


def limited(sound: Floats, low: float, high: float) -> Floats:
    """Return what is between two frequencies in Hz, with flanks of a third of an octave."""
    frequencies: Doubles = np.fft.rfftfreq(len(sound), 1 / RATE)
    octaves = cast("Doubles", np.log2(np.maximum(frequencies, 1)))
    rising = np.clip(1 + (octaves - np.log2(low)) * 3, 0, 1)
    falling = np.clip(1 - (octaves - np.log2(high)) * 3, 0, 1)
    return _filtered(sound, rising * falling)


def telephone(sound: Floats) -> Floats:
    """Return the sound by a telephone line: 300 to 3,400 Hz, 8 bits (ITU-T G.711)."""
    return companded(limited(sound, 300, 3400))


def companded(sound: Floats) -> Floats:
    """Return the sound at 8 kHz in 8 bits, spaced by the mu-law of ITU-T G.711."""
    narrow = limited(sound, 1, 3700)
    loudest = float(np.abs(narrow).max()) + 1e-9
    scaled = narrow / max(loudest, 1.0)
    squeezed = np.sign(scaled) * np.log1p(255 * np.abs(scaled)) / np.log(256)
    coarse: Doubles = np.rint(squeezed * 127) / 127
    return (np.sign(coarse) * np.expm1(np.abs(coarse) * np.log(256)) / 255).astype(np.float32)


def transform_coded(sound: Floats, random: Random) -> Floats:
    """Return the sound as a codec of few bits leaves it: weak parts of each spectrum are gone.

    Every 20 ms keeps only what is within some decibels of its loudest neighbourhood, coarsely.
    """
    size, hop = 640, 320
    bell = np.sin(np.pi * (np.arange(size) + 0.5) / size)
    padded = np.pad(sound, (hop, size))
    starts = np.arange((len(padded) - size) // hop + 1) * hop
    spectra = np.fft.rfft(padded[starts[:, None] + np.arange(size)] * bell, axis=1)
    loudness = np.abs(spectra)
    loudest = loudness.max(axis=1, keepdims=True) + 1e-9
    step = loudest * 10 ** (-random.uniform(18, 36) / 20)
    kept: Complexes = spectra / (loudness + 1e-12) * np.rint(loudness / step) * step
    pieces = np.fft.irfft(kept, size, axis=1) * bell
    out = np.zeros(len(padded))
    for start, piece in zip(starts, pieces, strict=True):
        out[start : start + size] += piece
    return out[hop : hop + len(sound)].astype(np.float32)


def in_a_room(sound: Floats, random: Random, decay_s: float) -> Floats:
    """Return the sound with a room's: noise that falls by 60 dB in ``decay_s`` after the voice."""
    size = int(decay_s * RATE)
    time = np.arange(size) / RATE
    tail = random.normal(0, 1, size) * 10 ** (-3 * time / decay_s)
    tail[: int(random.uniform(0.002, 0.02) * RATE)] = 0
    direct_over_room = 10 ** (random.uniform(0, 12) / 20)
    tail /= np.sqrt((tail**2).sum()) * direct_over_room + 1e-9
    tail[0] = 1
    total = len(sound) + size
    spectrum = np.fft.rfft(sound, total) * np.fft.rfft(tail, total)
    return np.fft.irfft(spectrum, total)[: len(sound)].astype(np.float32)


def background(samples: int, random: Random, others: Sequence[Floats] = ()) -> Floats:
    """Return what may be heard behind a voice: hiss, rumble, hum, or a few people at once."""
    if others and random.random() < 0.3:
        chosen = [others[int(i)] for i in random.integers(0, len(others), 4)]
        return np.sum(
            [
                np.resize(np.roll(o, int(random.integers(len(o)))), samples) / (_loudness(o) + 1e-9)
                for o in chosen
            ],
            axis=0,
            dtype=np.float32,
        )
    frequencies = np.maximum(np.fft.rfftfreq(samples, 1 / RATE), 20)
    slope = frequencies ** (-random.uniform(0, 1))
    noise = _filtered(random.normal(0, 1, samples).astype(np.float32), slope)
    if random.random() < 0.2:
        hum = random.choice([50, 60, 100, 120])
        noise += _loudness(noise) * np.sin(2 * np.pi * hum * np.arange(samples) / RATE).astype(
            np.float32
        )
    return noise


def noisy(sound: Floats, noise: Floats, snr_db: float) -> Floats:
    """Return the sound in noise that is ``snr_db`` quieter than it, on average."""
    share = _loudness(sound) / (_loudness(noise) + 1e-9) * 10 ** (-snr_db / 20)
    return (sound + noise * share).astype(np.float32)


def _loudness(sound: Floats) -> float:
    return float(np.sqrt(np.mean(np.square(sound))))


def _filtered(sound: Floats, response: Doubles) -> Floats:
    return np.fft.irfft(np.fft.rfft(sound) * response, len(sound)).astype(np.float32)

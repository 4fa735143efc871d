"""What sound looks like to a network: how strong each band of hearing is, moment by moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MelSpec:
    """How a network wants its spectrogram.

    A value is ``offset + gain * log10(max(floor, band))``, held within ``bounds``.

    Attributes:
        window: samples that one column looks at, and the length of its Fourier transform.
        hop: samples from one column to the next.
        bands: how many.
        lowest: where the first begins, in Hz.
        highest: where the last ends, in Hz.
        rate: samples a second.
        preemphasis: what share of the sample before is taken off each.
        power: 1 adds up magnitudes, 2 their squares.
        floor: what is quieter counts as this.
        gain: see above.
        offset: see above.
        bounds: the least and the most.
    """

    window: int
    hop: int
    bands: int
    lowest: float
    highest: float
    rate: int = 16_000
    preemphasis: float = 0.0
    power: int = 2
    floor: float = 1e-10
    gain: float = 1.0
    offset: float = 0.0
    bounds: tuple[float, float] = (-np.inf, np.inf)


# 20 dB above reference and 100 dB below are 4 and -4: 8 / 100 of a decibel, whose log10 counts 20.
WAV2LIP = MelSpec(
    800, 200, 80, 55, 7600, preemphasis=0.97, power=1, floor=1e-5, gain=1.6, offset=2.4,
    bounds=(-4.0, 4.0),
)  # fmt: skip
"""As Wav2Lip was trained with (its hparams.py and audio.py), at 80 columns a second."""

LOG_MEL_80 = MelSpec(400, 160, 80, 0, 8000)
"""25 ms every 10 ms, as Whisper has it before it compares with the loudest of 30 seconds."""

LOG_MEL_64 = MelSpec(400, 160, 64, 60, 7800)
"""The same, coarser and without rumble: for small networks."""

LOG_MEL_128 = MelSpec(2048, 512, 128, 0, 8000)
"""128 ms every 32 ms: fine in pitch, coarse in time, as talking-head papers hear emotion by."""


def mel(sound: Floats, spec: MelSpec) -> Floats:
    """Return [1 + samples // hop, bands] of mono ``sound`` of -1..1.

    Column t looks at ``window`` samples about sample ``t * hop``; there is silence before the first
    and after the last.
    """
    given = sound.astype(np.float64)
    lifted = np.concatenate([given[:1], given[1:] - spec.preemphasis * given[:-1]])
    around = np.pad(lifted, (spec.window // 2, spec.window))
    starts = np.arange(1 + len(sound) // spec.hop) * spec.hop
    windows = around[starts[:, None] + np.arange(spec.window)] * hann(spec.window)
    strength = np.abs(np.fft.rfft(windows, axis=1)) ** spec.power
    value = spec.offset + spec.gain * np.log10(np.maximum(spec.floor, strength @ bands(spec).T))
    return np.clip(value, *spec.bounds).astype(np.float32)


def hann(size: int) -> Doubles:
    """Return [size]: a bell that, repeated every half, adds up to one."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)


def bands(spec: MelSpec) -> Doubles:
    """Return [bands, window // 2 + 1]: triangles of equal area, evenly spaced in mel (Slaney)."""
    frequencies = np.arange(spec.window // 2 + 1) * spec.rate / spec.window
    ends = np.linspace(_to_mel(spec.lowest), _to_mel(spec.highest), spec.bands + 2)
    corners = np.array([_to_hertz(m) for m in ends])
    low, middle, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    rising, falling = (frequencies - low) / (middle - low), (high - frequencies) / (high - middle)
    return np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low)


# Slaney's Auditory Toolbox, 1998: straight below 1 kHz, logarithmic above.
_STRAIGHT, _BEND, _STEP = 200 / 3, 1000.0, np.log(6.4) / 27


def _to_mel(hertz: float) -> float:
    if hertz < _BEND:
        return hertz / _STRAIGHT
    return _BEND / _STRAIGHT + float(np.log(hertz / _BEND)) / _STEP


def _to_hertz(mel: float) -> float:
    if mel < _BEND / _STRAIGHT:
        return mel * _STRAIGHT
    return _BEND * float(np.exp((mel - _BEND / _STRAIGHT) * _STEP))

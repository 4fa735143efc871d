"""Spectrograms: Fourier transform, bands and logarithm of sixteen columns in one program."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from kernels.reference.mel import MelSpec, bands, hann
from kernels.triton.dialect import tl, torch, triton

COLUMNS = 16
DEEP = 32
"""Samples, and frequencies, that are multiplied at once."""


def mel(sound: torch.Tensor, spec: MelSpec) -> torch.Tensor:
    """Do ``reference.mel``."""
    count = 1 + sound.shape[0] // spec.hop
    waves, weights = _tables(spec, str(sound.device))
    out = torch.empty((count, spec.bands), dtype=torch.float32, device=sound.device)
    _mel[(triton.cdiv(count, COLUMNS),)](
        sound.contiguous(), sound.shape[0], spec.hop, spec.preemphasis, waves, weights,
        (spec.gain / np.log(10), spec.offset, spec.floor, *np.clip(spec.bounds, -1e30, 1e30)),
        out, count, spec.bands, LEAD=spec.window // 2, WINDOW=waves.shape[1],
        BINS=waves.shape[2], BANDS=weights.shape[1], ROOT=spec.power == 1,
        COLUMNS=COLUMNS, DEEP=DEEP,
    )  # fmt: skip
    return out


@lru_cache(maxsize=8)
def _tables(spec: MelSpec, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Return [2, samples, frequencies] of waves under the bell, and [frequencies, bands]."""
    bins = spec.window // 2 + 1
    phase = 2 * np.pi * np.outer(np.arange(spec.window), np.arange(bins)) / spec.window
    samples, frequencies = (-(-size // DEEP) * DEEP for size in (spec.window, bins))
    waves = np.zeros((2, samples, frequencies), np.float32)
    waves[0, : spec.window, :bins] = np.cos(phase) * hann(spec.window)[:, None]
    waves[1, : spec.window, :bins] = np.sin(phase) * hann(spec.window)[:, None]
    weights = np.zeros((frequencies, triton.next_power_of_2(max(16, spec.bands))), np.float32)
    weights[:bins, : spec.bands] = bands(spec).T
    return torch.from_numpy(waves).to(device), torch.from_numpy(weights).to(device)


@triton.jit(do_not_specialize=["samples", "count"])
def _mel(
    sound, samples, hop, share, waves, weights, numbers, out, count, bands,
    LEAD: tl.constexpr, WINDOW: tl.constexpr, BINS: tl.constexpr, BANDS: tl.constexpr,
    ROOT: tl.constexpr, COLUMNS: tl.constexpr, DEEP: tl.constexpr,
):  # fmt: skip
    column = tl.program_id(0) * COLUMNS + tl.arange(0, COLUMNS)
    deep = tl.arange(0, DEEP)
    band = tl.arange(0, BANDS)
    total = tl.zeros((COLUMNS, BANDS), tl.float32)
    for f in range(0, BINS, DEEP):
        real = tl.zeros((COLUMNS, DEEP), tl.float32)
        imaginary = tl.zeros((COLUMNS, DEEP), tl.float32)
        for n in range(0, WINDOW, DEEP):
            at = column[:, None] * hop - LEAD + n + deep[None, :]
            heard = tl.load(sound + at, mask=(at >= 0) & (at < samples), other=0.0)
            before = tl.load(sound + at - 1, mask=(at >= 1) & (at < samples), other=0.0)
            heard -= share * before
            wave = waves + (n + deep)[:, None] * BINS + f + deep[None, :]
            real = tl.dot(heard, tl.load(wave), real, input_precision="ieee")
            turned = tl.load(wave + WINDOW * BINS)
            imaginary = tl.dot(heard, turned, imaginary, input_precision="ieee")
        strength = real * real + imaginary * imaginary
        if ROOT:
            strength = tl.sqrt(strength)
        weight = tl.load(weights + (f + deep)[:, None] * BANDS + band[None, :])
        total = tl.dot(strength, weight, total, input_precision="ieee")
    value = numbers[1] + numbers[0] * tl.log(tl.maximum(total, numbers[2]))
    value = tl.minimum(tl.maximum(value, numbers[3]), numbers[4])
    inside = (column[:, None] < count) & (band[None, :] < bands)
    tl.store(out + column[:, None] * bands + band[None, :], value, mask=inside)

"""Sound that comes in pieces gives the columns that the whole would give, and they mean bands."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kernels import cpu, reference
from kernels.reference import LOG_MEL_64, LOG_MEL_80, LOG_MEL_128, WAV2LIP, MelSpec

Floats = NDArray[np.float32]

SPECS = {
    "wav2lip": WAV2LIP,
    "80": LOG_MEL_80,
    "64": LOG_MEL_64,
    "128": LOG_MEL_128,
    "odd": MelSpec(63, 63, 5, 100, 7000),
}


def babble(samples: int) -> Floats:
    rng = np.random.default_rng(samples)
    swell = np.sin(np.arange(samples) / 900)
    return (rng.normal(0, 0.1, samples) * swell).astype(np.float32)


def streamed(sound: Floats, spec: MelSpec, sizes: list[int]) -> Floats:
    """Return all columns of a sound that comes in pieces of ``sizes``, over and over."""
    ring = cpu.MelRing(spec)
    columns: list[Floats] = []
    start = turn = 0
    while start < len(sound):
        size = sizes[turn % len(sizes)]
        made = ring.push(sound[start : start + size])
        columns.append(ring.window(ring.made - made, made).copy())
        start, turn = start + size, turn + 1
    made = ring.finish()
    columns.append(ring.window(ring.made - made, made).copy())
    return np.concatenate(columns)


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
@pytest.mark.parametrize("sizes", [[1], [320], [0, 7, 533, 1999], [10_000]], ids=str)
def test_streamed_equals_whole(spec: MelSpec, sizes: list[int]):
    sound = babble(8000 if sizes != [1] else 1700)
    whole = reference.mel(sound, spec)
    got = streamed(sound, spec, sizes)
    assert got.shape == whole.shape == (1 + len(sound) // spec.hop, spec.bands)
    # What single precision makes of the whole; a column of silence is exact.
    np.testing.assert_allclose(got, whole, atol=2e-4)
    assert np.ptp(whole) > 0.5


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_new_sound_does_not_change_old_columns(spec: MelSpec):
    ring, sound = cpu.MelRing(spec), babble(6000)
    ring.push(sound[:3000])
    before = ring.window(0, ring.made).copy()
    ring.push(sound[3000:])
    np.testing.assert_array_equal(ring.window(0, len(before)), before)


@pytest.mark.parametrize("samples", [0, 1, 199])
def test_hardly_any_sound(samples: int):
    np.testing.assert_allclose(
        streamed(babble(samples), WAV2LIP, [50]), reference.mel(babble(samples), WAV2LIP), atol=2e-4
    )


def test_a_tone_is_strongest_in_its_own_band():
    tone = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000).astype(np.float32)
    got = reference.mel(tone, LOG_MEL_80)[50]
    # Slaney's mel: 1 kHz is 15 of the 45.2 that end at 8 kHz, parted in 81.
    assert int(got.argmax()) == pytest.approx(15 / 45.245 * 81 - 1, abs=1)
    assert got.max() - np.median(got) > 3


def test_wav2lip_counts_eighty_thousandths_a_decibel_from_minus_four_to_four():
    loud, spec = babble(4000), WAV2LIP
    louder = reference.mel(loud * 10**0.5, spec)  # by 10 dB
    quiet = reference.mel(loud, spec)
    inside = (quiet > -3.9) & (louder < 3.9)
    assert inside.mean() > 0.5
    np.testing.assert_allclose((louder - quiet)[inside], 0.8, atol=1e-4)
    assert (reference.mel(np.zeros(2000, np.float32), spec) == -4).all()
    assert reference.mel(loud * 1000, spec).max() == 4


def test_a_window_of_what_is_gone_or_not_there_yet_is_refused():
    ring = cpu.MelRing(WAV2LIP, capacity=16)
    ring.push(babble(10_000))
    assert ring.oldest == ring.made - 16
    last = ring.window(ring.oldest, 16)
    np.testing.assert_allclose(
        last, reference.mel(babble(10_000), WAV2LIP)[ring.oldest : ring.made], atol=2e-4
    )
    for first, count in ((ring.oldest - 1, 4), (ring.made - 3, 4), (ring.made, -1)):
        with pytest.raises(IndexError, match="columns"):
            ring.window(first, count)


def test_a_sound_that_has_finished_takes_no_more():
    ring = cpu.MelRing(LOG_MEL_64)
    ring.push(babble(1000))
    assert ring.finish() > 0
    assert ring.finish() == 0
    with pytest.raises(ValueError, match="finished"):
        ring.push(babble(10))

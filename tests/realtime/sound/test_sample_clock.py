"""A device's time out of jittery stamps."""

from __future__ import annotations

import numpy as np

from realtime.clock import MS, SECOND
from realtime.sound.sample_clock import SampleClock

RATE, BLOCK = 48_000, 480


def run(clock: SampleClock, seconds: float, *, ppm: float = 0.0, jitter_ms: float = 0.0) -> int:
    """Stamp blocks of a device that is fast by ``ppm``; return the true time of the last."""
    noise = np.random.default_rng(1)
    blocks = int(seconds * RATE / BLOCK)
    true = 0
    for i in range(blocks):
        true = round(i * BLOCK * SECOND / (RATE * (1 + ppm * 1e-6)))
        clock.note(i * BLOCK, true + round(noise.uniform(-1, 1) * jitter_ms * MS))
    return true


def test_jitter_of_the_stamps_is_smoothed_away() -> None:
    clock = SampleClock(RATE)
    last = int(30 * RATE / BLOCK - 1) * BLOCK
    true = run(clock, 30, jitter_ms=10)
    found = clock.time_of(last)
    assert found is not None
    assert abs(found - true) < 1.5 * MS, "stamps were up to 10 ms off"


def test_a_device_that_runs_fast_is_followed_for_minutes() -> None:
    clock = SampleClock(RATE)
    last = int(120 * RATE / BLOCK - 1) * BLOCK
    true = run(clock, 120, ppm=300, jitter_ms=2)
    found = clock.time_of(last)
    assert found is not None
    assert abs(found - true) < 1 * MS, "36 ms would be off by now"


def test_time_to_position_and_back_is_the_same() -> None:
    clock = SampleClock(RATE)
    assert clock.position_at(0) is None
    assert clock.time_of(0) is None
    run(clock, 2, ppm=100, jitter_ms=1)
    at = clock.time_of(90_000.0)
    assert at is not None
    back = clock.position_at(at)
    assert back is not None
    assert abs(back - 90_000) < 0.01


def test_a_jump_is_taken_at_once_and_makes_it_unsteady() -> None:
    clock = SampleClock(RATE)
    run(clock, 3)
    assert clock.steady
    clock.note(3 * RATE, 4 * SECOND)
    assert clock.time_of(3 * RATE) == 4 * SECOND
    assert clock.jumps == 1
    assert not clock.steady


def test_a_gap_that_is_told_of_is_taken_at_once_however_small() -> None:
    clock = SampleClock(RATE)
    run(clock, 3)
    clock.note(3 * RATE, 3 * SECOND + 20 * MS, gap=True)
    assert clock.time_of(3 * RATE) == 3 * SECOND + 20 * MS

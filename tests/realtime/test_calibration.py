"""Flashes and beeps found again in what a camera and a microphone make of them."""

from __future__ import annotations

import numpy as np
import pytest

from realtime.calibration import (
    FLASH_S,
    GRID,
    Verdict,
    beep,
    beep_times,
    cells,
    flash_times,
    marks,
    verdict,
)
from realtime.clock import MS
from realtime.types import Floats

RATE, SECOND = 48_000, 1000 * MS
START = 7 * SECOND
DUE = marks(START, 20)


def filmed(late_ms: float, *, bright: float = 60.0, noise: float = 2.0) -> list[tuple[int, Floats]]:
    """Film a screen that fills a corner of the picture, 30 times a second."""
    random = np.random.default_rng(2)
    seen: list[tuple[int, Floats]] = []
    for number in range(30 * 24):
        at = START - SECOND + number * SECOND // 30
        luma = random.normal(80, noise, (48, 64))
        if any(0 <= at - due - late_ms * MS < FLASH_S * SECOND for due in DUE):
            luma[:20, :24] += bright
        seen.append((at, cells(luma.clip(0, 255).astype(np.uint8))))
    return seen


def recorded(late_ms: float, noise: float = 0.02) -> Floats:
    """Record the beeps through a noisy room."""
    first = round(START - SECOND - late_ms * MS)
    clean = beep(first, 24 * RATE, DUE, RATE) * 0.3
    return (clean + np.random.default_rng(3).normal(0, noise, len(clean))).astype(np.float32)


def test_marks_never_fall_into_a_rhythm() -> None:
    gaps = np.diff(DUE)
    assert gaps.min() >= 1500 * MS
    assert len(set(gaps.tolist())) > 5


@pytest.mark.parametrize(("flash_ms", "beep_ms"), [(180.0, 60.0), (60.0, 250.0), (900.0, 10.0)])
def test_the_offset_is_found_whatever_the_delays(flash_ms: float, beep_ms: float) -> None:
    flashes = flash_times(filmed(flash_ms), DUE)
    beeps = beep_times(recorded(beep_ms), START - SECOND, RATE, DUE)
    found = verdict(DUE, DUE, flashes, beeps)
    assert (found.seen, found.heard) == (len(DUE), len(DUE))
    assert found.offset_ms is not None
    # A camera sees a flash with its next picture: up to 33 ms later, 17 on average.
    assert found.offset_ms == pytest.approx(flash_ms + 17 - beep_ms, abs=10)


def test_a_beep_is_found_to_the_millisecond() -> None:
    found = beep_times(recorded(123.0), START - SECOND, RATE, DUE)
    assert np.abs([out - due - 123 * MS for due, out in found.items()]).max() < 2 * MS


def test_neither_noise_nor_a_flicker_is_taken_for_a_mark() -> None:
    hiss = np.random.default_rng(4).normal(0, 0.2, 24 * RATE).astype(np.float32)
    assert beep_times(hiss, START, RATE, DUE) == {}
    assert beep_times(np.zeros(24 * RATE, np.float32), START, RATE, DUE) == {}
    assert beep_times(np.zeros(0, np.float32), START, RATE, DUE) == {}
    assert flash_times(filmed(0, bright=5.0), DUE) == {}
    assert flash_times([], DUE) == {}


def test_what_the_screen_was_late_itself_does_not_count() -> None:
    shown = [due + 40 * MS for due in DUE]
    flashes = {flash: flash + 100 * MS for flash in shown}
    beeps = {due: due + 70 * MS for due in DUE}
    assert verdict(DUE, shown, flashes, beeps) == Verdict(len(DUE), len(DUE), len(DUE), 30.0, 0.0)


def test_without_a_pair_there_is_no_verdict() -> None:
    assert verdict(DUE, DUE, {}, {DUE[0]: DUE[0]}) == Verdict(len(DUE), 0, 1)


def test_a_small_picture_and_an_odd_one_are_watched_too() -> None:
    assert cells(np.full((9, 17), 40, np.uint8)).tolist() == [40.0] * GRID**2

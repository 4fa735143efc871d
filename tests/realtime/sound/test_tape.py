"""What was written comes back, between the samples too, and what is lost is counted."""

from __future__ import annotations

import numpy as np

from realtime.clock import MS, SECOND
from realtime.sound.tape import RATE, Tape
from realtime.types import Floats


def tone(first: float, count: int, hertz: float = 1000.0, step: float = 1.0) -> Floats:
    return np.sin(2 * np.pi * hertz * (first + step * np.arange(count)) / RATE).astype(np.float32)


def written(seconds: float = 1.0, kept: int = 4 * RATE) -> Tape:
    tape = Tape(kept)
    for start in range(0, int(seconds * RATE), 480):
        tape.write(tone(start, 480), start * SECOND // RATE)
    return tape


def test_a_stretch_comes_back_across_blocks_and_across_the_rings_end() -> None:
    tape = written(1.0, kept=10_000)
    read = tape.read(40_001, 7000)
    assert read is not None
    np.testing.assert_array_equal(read, tone(40_001, 7000))


def test_between_two_samples_stands_what_the_microphone_would_have_heard() -> None:
    for hertz, most in ((1000.0, 1e-4), (8000.0, 0.06)):
        tape = Tape()
        tape.write(tone(0, RATE, hertz), 0)
        read = tape.read(1000.5, 400, 1.005)
        assert read is not None
        assert np.abs(read - tone(1000.5, 400, hertz, 1.005)).max() < most


def test_what_is_not_there_yet_or_no_longer_is_not_made_up() -> None:
    tape = written(1.0, kept=10_000)
    assert tape.read(47_900, 200) is None
    assert tape.read(30_000, 10) is None
    assert tape.read(-1, 10) is None


def test_positions_follow_the_time_of_capture() -> None:
    tape = written(2.0)
    at = tape.position_at(SECOND)
    assert at is not None
    assert abs(at - RATE) < 1
    newest = tape.newest()
    assert newest is not None
    assert abs(newest - 2 * SECOND) < MS
    assert tape.steady
    assert Tape().newest() is None


def test_only_what_nobody_had_read_counts_as_overflowed() -> None:
    tape = Tape(4800)
    for start in range(0, 4800, 480):
        tape.write(tone(start, 480), start * SECOND // RATE)
    tape.passed(960)
    for start in range(4800, 4800 + 960, 480):
        tape.write(tone(start, 480), start * SECOND // RATE)
    assert tape.overflowed == 0
    tape.write(tone(5760, 480), 5760 * SECOND // RATE)
    assert tape.overflowed == 480
    tape.write(np.zeros(20_000, np.float32), 6240 * SECOND // RATE)
    assert tape.read(tape.end - 4700, 4000) is not None

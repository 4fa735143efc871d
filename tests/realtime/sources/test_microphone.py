"""A microphone's blocks on tape, with the time at which they were in the air."""

from __future__ import annotations

import numpy as np
import pytest

from realtime.clock import MS, ManualClock
from realtime.sound.devices import Hear, SoundError
from realtime.sound.tape import RATE
from realtime.sources.microphone import Microphone
from tests.realtime.sound.doubles import Device

BLOCK, STEP = 480, 10 * MS


def setup() -> tuple[Microphone, Device[Hear], ManualClock]:
    clock, device = ManualClock(), Device[Hear]()
    microphone = Microphone("mic", clock, device.open)
    microphone.open()
    return microphone, device, clock


def hear(device: Device[Hear], clock: ManualClock, blocks: int, value: float = 0.1) -> None:
    for _ in range(blocks):
        clock.advance(STEP)
        device.call(np.full(BLOCK, value, np.float32), 15 * MS, False)


def test_the_time_on_tape_is_that_of_the_capture_not_of_the_callback() -> None:
    microphone, device, clock = setup()
    hear(device, clock, 100)
    newest = microphone.tape.newest()
    assert newest is not None
    assert abs(newest - (clock.now() - 15 * MS + STEP)) < MS


def test_lost_sound_is_counted_and_moves_time_at_once() -> None:
    microphone, device, clock = setup()
    hear(device, clock, 100)
    clock.advance(25 * MS)
    device.call(np.zeros(BLOCK, np.float32), 15 * MS, True)
    assert microphone.overflows == 1
    assert microphone.tape.newest() == clock.now() - 15 * MS + STEP


def test_one_that_gives_nothing_for_a_second_is_not_alive() -> None:
    microphone, device, clock = setup()
    hear(device, clock, 500)
    assert microphone.alive
    clock.advance(1000 * MS)
    assert not microphone.alive
    microphone.close()
    microphone.close()
    assert device.closed == 1


def test_one_that_was_unplugged_goes_on_with_the_same_tape() -> None:
    microphone, device, clock = setup()
    hear(device, clock, 10)
    device.there = False
    assert not microphone.alive
    with pytest.raises(SoundError, match="no device 'mic'"):
        microphone.open()
    clock.advance(5000 * MS)
    device.there = True
    microphone.open()
    hear(device, clock, 10)
    assert microphone.tape.end == 20 * BLOCK
    assert microphone.tape.newest() == clock.now() - 15 * MS + STEP


def test_perfect_silence_is_told_once_for_it_is_what_a_refused_microphone_gives(
    caplog: pytest.LogCaptureFixture,
) -> None:
    _, device, clock = setup()
    hear(device, clock, 499, 0.0)
    hear(device, clock, 1)
    hear(device, clock, 499, 0.0)
    assert not caplog.records
    hear(device, clock, 2 * 5 * RATE // BLOCK, 0.0)
    (record,) = caplog.records
    assert "microphone mic gives nothing but silence" in record.getMessage()

"""Sound leaves the virtual microphone at its capture plus the delay, whatever the drivers need."""

from __future__ import annotations

import numpy as np
import pytest

from realtime.clock import MS, ManualClock
from realtime.sinks.virtual_microphone import VirtualMicrophone
from realtime.sound.delay import PlayoutDelay
from realtime.sound.devices import Fill
from realtime.sound.tape import RATE, Tape
from realtime.types import Floats
from tests.realtime.sound.doubles import Device

BLOCK, STEP, SECOND = 480, 10 * MS, 1000 * MS


class Rig:
    """A tape on which a sample's value is its time of capture, and a device that plays it."""

    def __init__(self, ahead_ms: float = 40, age_ms: float = 15, offset_ms: float = 0) -> None:
        self.clock = ManualClock()
        self.tape = Tape()
        self.delay = PlayoutDelay(33 * MS, round(offset_ms * MS))
        self.device: Device[Fill] = Device()
        self.out = VirtualMicrophone("out", self.clock, self.tape, self.delay, self.device.open)
        self.ahead, self.age = round(ahead_ms * MS), round(age_ms * MS)
        self.out.open()

    def run(self, seconds: float, *, dry: bool = False) -> list[tuple[int, Floats]]:
        """Return (when its first sample is heard, block) of each block."""
        blocks: list[tuple[int, Floats]] = []
        for _ in range(round(seconds * SECOND / STEP)):
            self.clock.advance(STEP)
            taken = self.clock.now() - self.age
            self.tape.write((taken / SECOND + np.arange(BLOCK) / RATE).astype(np.float32), taken)
            block = self.device.call(BLOCK, self.ahead, dry)
            blocks.append((self.clock.now() + self.ahead, block))
        return blocks


def delays_ms(blocks: list[tuple[int, Floats]]) -> list[float]:
    return [(heard / SECOND - float(b[0])) * 1000 for heard, b in blocks if b.all()]


@pytest.mark.parametrize("picture_ms", [60, 300])
def test_sound_is_as_late_as_the_picture(picture_ms: int) -> None:
    rig = Rig()
    rig.delay.picture_took(picture_ms * MS, 0)
    rig.run(3)
    found = delays_ms(rig.run(2))
    assert found
    assert max(abs(d - (picture_ms + 33)) for d in found) < 1
    assert rig.out.follower.underruns == rig.out.follower.waits == 0
    assert abs(rig.out.error) < MS


def test_devices_that_need_longer_than_the_picture_hold_the_picture_too() -> None:
    rig = Rig(ahead_ms=150)
    rig.delay.picture_took(10 * MS, 0)
    rig.run(3)
    assert rig.out.follower.underruns == 0, "it does not flutter at the start"
    assert rig.delay.picture / MS == pytest.approx(150 + 15 + 10, abs=3)
    found = delays_ms(rig.run(2))
    assert len(found) == 200, "not a block of silence"
    assert max(abs(d - rig.delay.picture / MS) for d in found) < 2


def test_the_offset_of_the_settings_is_added() -> None:
    rig = Rig(offset_ms=50)
    rig.delay.picture_took(100 * MS, 0)
    rig.run(3)
    found = delays_ms(rig.run(1))
    assert max(abs(d - 183) for d in found) < 1


def test_a_microphone_that_stops_leaves_silence_and_the_device_runs_on() -> None:
    rig = Rig()
    rig.run(3)
    blocks: list[Floats] = []
    for _ in range(100):
        rig.clock.advance(STEP)
        blocks.append(rig.device.call(BLOCK, rig.ahead, False))
    assert not blocks[-1].any()
    assert rig.out.alive
    assert rig.out.follower.underruns > 0
    rig.run(0.5)
    assert delays_ms(rig.run(1))


def test_sound_goes_on_when_the_camera_goes_away() -> None:
    rig = Rig()
    rig.delay.picture_took(100 * MS, 0)
    rig.run(3)
    found = delays_ms(rig.run(20))  # and no picture comes
    assert len(found) == 2000
    assert max(abs(d - 133) for d in found) < 1


def test_a_device_that_ran_dry_is_counted() -> None:
    rig = Rig()
    rig.run(0.05, dry=True)
    assert rig.out.underflows == 5


def test_it_dies_with_its_device_and_starts_over_with_it() -> None:
    rig = Rig()
    rig.run(6)
    assert rig.out.alive
    rig.device.there = False
    assert not rig.out.alive
    rig.device.there = True
    rig.ahead += 30 * MS
    rig.out.open()
    rig.run(5)
    found = delays_ms(rig.run(1))
    assert len(found) == 100
    assert max(abs(d - rig.delay.sound / MS) for d in found) < 2
    rig.out.close()
    rig.out.close()
    assert rig.device.closed == 2

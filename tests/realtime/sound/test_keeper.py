"""Sound devices that are away are opened as soon as they are back, and nothing waits for them."""

from __future__ import annotations

import time

import pytest

from realtime.sound.devices import SoundError
from realtime.sound.keeper import Keeper


class Link:
    def __init__(self, title: str) -> None:
        self.title = title
        self.there = True
        self.is_open = False
        self.opened = 0

    @property
    def alive(self) -> bool:
        return self.is_open and self.there

    def open(self) -> None:
        if not self.there:
            raise SoundError(f"there is no {self.title}")
        self.is_open = True
        self.opened += 1

    def close(self) -> None:
        self.is_open = False


class Bus:
    """Counts looks for new devices, and that no stream is open meanwhile."""

    def __init__(self, *links: Link) -> None:
        self.links = links
        self.looks = 0

    def refresh(self) -> None:
        assert not any(link.is_open for link in self.links)
        self.looks += 1


def test_a_device_that_goes_away_is_opened_again_when_it_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    microphone, virtual = Link("microphone A"), Link("virtual microphone B")
    bus = Bus(microphone, virtual)
    with Keeper((microphone, virtual), bus.refresh, look_s=100) as keeper:
        assert keeper.look()
        assert bus.looks == 0
        microphone.there = False
        assert not keeper.look()
        assert not keeper.look()
        assert virtual.alive, "the other one goes on"
        microphone.there = True
        assert keeper.look()
        assert microphone.alive
    assert keeper.losses == 1
    assert [r.getMessage() for r in caplog.records] == [
        "microphone A is not there (no sound comes or goes); waiting",
        "microphone A is back",
    ]
    assert not microphone.is_open
    assert not virtual.is_open


def test_a_device_that_is_missing_at_the_start_is_named_once_and_used_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    microphone, virtual = Link("microphone A"), Link("virtual microphone B")
    microphone.there = False
    bus = Bus(microphone, virtual)
    with Keeper((microphone, virtual), bus.refresh, look_s=0.01, backoff_s=(0.01,)):
        deadline = time.monotonic() + 5
        while bus.looks < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        microphone.there = True
        while not microphone.alive and time.monotonic() < deadline:
            time.sleep(0.01)
        assert microphone.alive
    said = [record.getMessage() for record in caplog.records]
    assert said[0] == "microphone A is not there (there is no microphone A); waiting"
    assert said[1:] == ["microphone A is back"]

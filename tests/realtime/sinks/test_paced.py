"""Pictures that wait for their moment, and those that missed it."""

from __future__ import annotations

import threading
from fractions import Fraction

import numpy as np
import pytest

from realtime.clock import MS, ManualClock, SystemClock
from realtime.sinks.paced import HELD, Paced
from realtime.sound.delay import PlayoutDelay
from realtime.types import Filtered, Frame, Rung

FRAME = 33 * MS


def picture(captured: int, seq: int = 0) -> Filtered:
    plane = np.zeros((2, 2), np.uint8)
    return Filtered(Frame((plane,), "gray", captured, seq, Fraction(1, 30), seq), Rung.GEOMETRIC)


class Screen:
    def __init__(self) -> None:
        self.shown: list[int] = []
        self.closed = 0
        self.error: Exception | None = None

    def send(self, filtered: Filtered) -> None:
        if self.error is not None:
            raise self.error
        self.shown.append(filtered.frame.seq)

    def close(self) -> None:
        self.closed += 1


class Still(Paced):
    """One whose thread does nothing: the test takes the steps."""

    def _run(self) -> None:
        return


def setup() -> tuple[Still, Screen, ManualClock, PlayoutDelay]:
    clock, screen = ManualClock(), Screen()
    delay = PlayoutDelay(FRAME)
    return Still(screen, clock, delay), screen, clock, delay


def test_a_picture_that_is_early_is_held_until_capture_plus_delay() -> None:
    paced, screen, clock, delay = setup()
    clock.advance(20 * MS)
    paced.send(picture(0, 1))
    assert delay.picture == 53 * MS
    assert paced.step() == 33 * MS
    assert screen.shown == []
    clock.advance(33 * MS)
    assert paced.step() is None
    assert screen.shown == [1]
    assert paced.late == 0


def test_after_a_step_the_late_ones_are_dropped_and_the_delay_has_grown() -> None:
    paced, screen, clock, _ = setup()
    took = 20
    shown_at: dict[int, int] = {}
    for seq in range(120):
        took = 20 if seq < 60 else 220
        now = seq * FRAME + took * MS
        while clock.now() < now:
            clock.advance(min(MS, now - clock.now()))
            paced.step()
            shown_at.update({s: clock.now() for s in screen.shown if s not in shown_at})
        paced.send(picture(seq * FRAME, seq))
    delays = {seq: (at - seq * FRAME) / MS for seq, at in shown_at.items()}
    assert all(53 <= delays[seq] <= 54 for seq in range(58))
    assert all(abs(delays[seq] - 253) <= 1 for seq in range(70, 110))
    assert 1 <= paced.late <= 5
    assert screen.shown == sorted(screen.shown)


def test_a_filter_that_is_always_too_slow_still_shows_something() -> None:
    paced, screen, clock, _ = setup()
    clock.advance(2000 * MS)
    for seq in range(60):
        clock.advance(FRAME)
        paced.send(picture(clock.now() - 1900 * MS, seq))
        paced.step()
    assert 5 <= len(screen.shown) <= 9, "about four a second"
    assert paced.late == 60 - len(screen.shown)


def test_no_more_than_so_many_wait() -> None:
    paced, _, clock, delay = setup()
    delay.picture_took(900 * MS, 0)
    for seq in range(HELD + 6):
        paced.send(picture(clock.now(), seq))
    assert paced.overflowed == 6


def send_for_ever(paced: Paced, clock: SystemClock) -> None:
    for seq in range(200):
        paced.send(picture(clock.now(), seq))
        threading.Event().wait(0.02)


def test_its_own_thread_shows_and_a_broken_device_is_told_to_the_sender() -> None:
    clock, screen = SystemClock(), Screen()
    paced = Paced(screen, clock, PlayoutDelay(0))
    started, seen = clock.now(), threading.Event()
    paced.send(picture(started, 7))
    for _ in range(500):
        if screen.shown or seen.wait(0.01):
            break
    assert screen.shown == [7]
    screen.error = RuntimeError("device gone")
    with pytest.raises(RuntimeError, match="device gone"):
        send_for_ever(paced, clock)
    paced.close()
    paced.close()
    assert screen.closed == 2

"""A camera that is pulled out and put back, hangs or breaks, as its user would see it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

import numpy as np
import pytest

from realtime.box import Lossless
from realtime.clock import MS, ManualClock
from realtime.session import Reader, SourceError
from realtime.sources.camera import CameraError, CameraSource
from realtime.types import Frame

AT_ONCE = (0.001,)


def frame(value: int) -> Frame:
    luma = np.full((2, 2), value, np.uint8)
    return Frame((luma,), "gray", value * MS, value, Fraction(1, 1000), 0)


class Plugged:
    """A device that gives ``values``, waiting for each to be taken, and then does ``last``."""

    def __init__(self, values: Sequence[int], last: Callable[[], object]) -> None:
        self.name = "fake"
        self.size = (2, 2)
        self.closed = 0
        self.taken = threading.Semaphore(1)
        self._values = values
        self._last = last

    def frames(self) -> Iterator[Frame]:
        for value in self._values:
            self.taken.acquire(timeout=10)
            yield frame(value)
        self.taken.acquire(timeout=10)
        self._last()

    def close(self) -> None:
        self.closed += 1


def unplug() -> None:
    raise OSError(19, "No such device")


class Socket:
    """Hands out devices one after another; None is a time without one."""

    def __init__(self, *devices: Plugged | None) -> None:
        self.devices = list(devices)
        self.in_use: Plugged | None = None

    def __call__(self) -> Plugged:
        device = self.devices.pop(0) if self.devices else None
        if device is None:
            raise CameraError("camera fake: there is no such device")
        self.in_use = device
        return device

    def take(self, frames: Iterator[Frame]) -> Frame:
        taken = next(frames)
        assert self.in_use is not None
        self.in_use.taken.release()
        return taken


def test_frames_come_numbered_and_with_the_time_of_their_capture() -> None:
    socket = Socket(Plugged([5, 6, 7], unplug))
    source = CameraSource(socket, ManualClock(), AT_ONCE)
    frames = source.frames()
    taken = [socket.take(frames) for _ in range(3)]
    source.close()
    assert [(f.seq, f.captured) for f in taken] == [(0, 5 * MS), (1, 6 * MS), (2, 7 * MS)]
    assert (source.device_name, source.size) == ("fake", (2, 2))


def test_an_unplugged_camera_is_found_again_and_its_user_told_twice(
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = Plugged([1, 2], unplug), Plugged([3, 4], unplug)
    socket = Socket(first, None, None, None, second)
    source = CameraSource(socket, ManualClock(), AT_ONCE)
    frames = source.frames()
    with caplog.at_level(logging.WARNING):
        taken = [socket.take(frames) for _ in range(4)]
    source.close()
    assert [int(f.planes[0][0, 0]) for f in taken] == [1, 2, 3, 4]
    assert [f.seq for f in taken] == [0, 1, 2, 3]
    assert first.closed == 1
    lines = [record.getMessage() for record in caplog.records]
    assert lines[:2] == [
        "camera fake went away (No such device); waiting",
        "camera fake is back",
    ]
    assert source.losses >= 1


def test_the_newest_frame_is_given_and_the_missed_ones_are_counted() -> None:
    hold, all_out = threading.Event(), threading.Event()

    def last() -> None:
        all_out.set()
        hold.wait(10)

    device = Plugged([1, 2, 3, 4], last)
    for _ in range(8):
        device.taken.release()
    source = CameraSource(Socket(device), ManualClock(), AT_ONCE)
    frames = source.frames()
    first = next(frames)
    assert all_out.wait(10)
    newest = next(frames) if first.seq < 3 else first
    assert newest.seq == 3
    assert source.dropped == 3 - (first.seq < 3)
    source.close()
    hold.set()


def test_no_camera_at_the_start_is_an_error_at_once() -> None:
    with pytest.raises(CameraError, match="there is no such device"):
        CameraSource(Socket(), ManualClock(), AT_ONCE)


def test_close_does_not_wait_for_a_driver_that_hangs() -> None:
    hung, release = threading.Event(), threading.Event()

    def hang() -> None:
        hung.set()
        release.wait(20)

    socket = Socket(Plugged([1], hang))
    source = CameraSource(socket, ManualClock(), AT_ONCE)
    box = Lossless[Frame](4)
    with Reader(source, box):
        assert box.get().seq == 0
        assert socket.in_use is not None
        socket.in_use.taken.release()
        assert hung.wait(10)
    # Reader has joined the source's thread by now, while the driver still hangs.
    assert not release.is_set()
    release.set()


def test_close_ends_the_search_for_a_lost_camera() -> None:
    socket = Socket(Plugged([1], unplug))
    source = CameraSource(socket, ManualClock(), (60.0,))
    frames = source.frames()
    socket.take(frames)
    ended = threading.Event()

    def wait_for_more() -> None:
        assert list(frames) == []
        ended.set()

    thread = threading.Thread(target=wait_for_more)
    thread.start()
    source.close()
    source.close()
    thread.join(10)
    assert ended.is_set()


def test_a_source_that_was_never_read_lets_go_of_its_camera() -> None:
    device = Plugged([1], unplug)
    source = CameraSource(Socket(device), ManualClock(), AT_ONCE)
    source.close()
    assert device.closed == 1


def test_a_bug_ends_the_session_rather_than_the_thread_alone() -> None:
    def bug() -> None:
        raise ZeroDivisionError("a bug")

    socket = Socket(Plugged([1], bug))
    source = CameraSource(socket, ManualClock(), AT_ONCE)
    frames = source.frames()
    socket.take(frames)
    with pytest.raises(SourceError, match="a bug"):
        next(frames)


def test_the_rate_is_measured() -> None:
    clock = ManualClock()
    socket = Socket(Plugged(range(40), unplug))
    source = CameraSource(socket, clock, AT_ONCE)
    frames = source.frames()
    for _ in range(31):
        next(frames)
        clock.advance(50 * MS)
        assert socket.in_use is not None
        socket.in_use.taken.release()
    assert 19 <= source.rate <= 21
    source.close()

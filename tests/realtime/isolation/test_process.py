"""A filter in another process, for real: what it answers, and what happens when it is killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

from realtime.clock import Deadline, SystemClock
from realtime.filter import Filter, FilterState
from realtime.isolation.keeper import KeptFilter
from realtime.isolation.process import FilterProcess, FrameError, StartError
from realtime.types import Edit, Filtered, Frame, Rung
from tests.realtime.isolation.filters import Brighter, Broken

EDIT = Edit()
NEVER = Deadline(None)


def picture(level: int, width: int = 64, height: int = 48, seq: int = 0) -> Frame:
    planes = tuple(
        np.full((height // s, width // s), value, np.uint8)
        for s, value in ((1, level), (2, 100), (2, 200))
    )
    return Frame(planes, "yuv420p", seq * 10, seq, Fraction(1, 30), seq)


@pytest.fixture
def start() -> Iterator[Callable[..., FilterProcess]]:
    begun: list[FilterProcess] = []

    def begin(build: Callable[[], Filter] = Brighter) -> FilterProcess:
        begun.append(FilterProcess(build))
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()


def ask(process: FilterProcess, frame: Frame) -> Filtered:
    assert process.ready(30)
    assert process.places == Brighter.places
    filtered = process.ask(frame, EDIT, None, 5.0)
    assert filtered is not None
    return filtered


def test_a_frame_comes_back_as_the_filter_over_there_made_it(start: Callable[..., FilterProcess]):
    process = start()
    sent = picture(50, seq=7)
    got = ask(process, sent)
    assert [p.tolist() for p in got.frame.planes] == [p.tolist() for p in picture(51, seq=7).planes]
    assert (got.frame.seq, got.frame.captured, got.frame.pts) == (7, 70, 7)
    assert (got.rung, got.coefficients) == (Rung.GEOMETRIC, {"jawOpen": 0.5})


def test_the_sound_about_a_frame_goes_there_and_not_back(start: Callable[..., FilterProcess]):
    speech = np.full((80, 16), 0.25, np.float32)
    got = ask(start(), replace(picture(50), speech=speech))
    assert got.coefficients == {"jawOpen": 0.5, "heard": 0.25}
    assert got.frame.speech is None


def test_pictures_keep_their_pixels_when_others_follow_of_any_size(
    start: Callable[..., FilterProcess],
):
    process = start()
    sizes = [(64, 48), (128, 96), (32, 16), (128, 96)]
    got = [ask(process, picture(10 * i, w, h)) for i, (w, h) in enumerate(sizes)]
    for i, ((width, height), filtered) in enumerate(zip(sizes, got, strict=True)):
        assert filtered.frame.planes[0].shape == (height, width)
        assert (filtered.frame.planes[0] == 10 * i + 1).all()


def test_a_frame_that_makes_the_filter_raise_does_not_end_it(start: Callable[..., FilterProcess]):
    process = start()
    assert process.ready(30)
    with pytest.raises(FrameError, match="too bright"):
        process.ask(picture(255), EDIT, None, 5.0)
    assert ask(process, picture(1)).frame.planes[0][0, 0] == 2


def test_what_cannot_be_built_says_why(start: Callable[..., FilterProcess]):
    with pytest.raises(StartError, match="no model here"):
        start(Broken).ready(30)


def test_the_picture_is_back_soon_after_the_process_was_killed(
    start: Callable[..., FilterProcess],
):
    begun: list[FilterProcess] = []

    def begin() -> FilterProcess:
        begun.append(start())
        return begun[-1]

    kept = KeptFilter(begin, SystemClock()).wait(30)
    before = kept(picture(50), EDIT, NEVER)
    assert before is not None
    pid = begun[0].pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    held = kept(picture(90, seq=1), EDIT, NEVER)
    assert held is not None
    assert held.rung is Rung.REPEAT
    assert (held.frame.planes[0] == 51).all(), "the last filtered picture, not the camera's"
    assert held.frame.seq == 1
    killed = time.monotonic()
    after = held
    while after.rung is Rung.REPEAT and time.monotonic() < killed + 20:
        time.sleep(0.02)
        again = kept(picture(90, seq=2), EDIT, NEVER)
        assert again is not None
        after = again
    assert (after.frame.planes[0] == 91).all()
    assert (kept.state, kept.restarts) == (FilterState.RUNNING, 1)
    kept.close()
    kept.close()


def test_a_process_that_is_closed_ends(start: Callable[..., FilterProcess]):
    process = start()
    assert process.ready(30)
    pid = process.pid
    process.close()
    process.close()
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_filter_may_be_given_its_settings(start: Callable[..., FilterProcess]):
    process = start(partial(Brighter, by=5))
    assert ask(process, picture(50)).frame.planes[0][0, 0] == 55

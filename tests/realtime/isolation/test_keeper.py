"""What a keeper does with a process that hangs, dies, raises or does not start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from engines.placement import Placement
from realtime.clock import MS, Deadline, ManualClock
from realtime.filter import FilterState
from realtime.isolation.keeper import FRAMES_LOST, REST, STARTS_LOST, KeptFilter
from realtime.isolation.process import DeadError, FrameError, HungError, StartError
from realtime.types import Edit, Filtered, Frame, Rung
from tests.realtime.isolation.test_process import picture

NEVER = Deadline(None)


class FakeRunner:
    """Answers with the picture whitened, or with the errors it is given."""

    def __init__(self, *, starts: int = 0, broken: bool = False) -> None:
        self.polls = starts
        self.broken = broken
        self.errors: list[Exception] = []
        self.asked = 0
        self.poses = 0
        self.killed = self.closed = False

    places = (Placement("whitener", "a test", {}),)

    def ready(self, patience: float = 0.0) -> bool:
        if self.broken:
            raise StartError("no model here")
        self.polls -= 1
        return self.polls < 0

    def ask(
        self, frame: Frame, edit: Edit, deadline: int | None, patience: float
    ) -> Filtered | None:
        self.asked += 1
        self.poses += frame.at_rest
        if self.errors:
            raise self.errors.pop(0)
        luma, *chroma = frame.planes
        white = frame.with_planes((np.full_like(luma, 255), *chroma))
        return Filtered(white, Rung.GEOMETRIC, spent={"landmarks": 3 * MS})

    def close(self) -> None:
        self.closed = True

    def kill(self) -> None:
        self.killed = True


class Rig:
    """A keeper whose processes are given in advance."""

    def __init__(self, *runners: FakeRunner) -> None:
        self.clock = ManualClock()
        self.begun: list[FakeRunner] = []
        self._next: Iterator[FakeRunner] = iter(runners)
        self.kept = KeptFilter(self.begin, self.clock)
        self.seq = 0

    def begin(self) -> FakeRunner:
        self.begun.append(next(self._next))
        return self.begun[-1]

    def step(self, *, at_rest: bool = False) -> Filtered | None:
        self.clock.advance(33 * MS)
        self.seq += 1
        frame = replace(picture(10), seq=self.seq, at_rest=at_rest)
        return self.kept(frame, Edit(), NEVER)


@pytest.mark.parametrize(
    ("error", "state"), [(HungError(), FilterState.HUNG), (DeadError(), FilterState.DEAD)]
)
def test_a_lost_process_is_replaced_and_the_picture_held_meanwhile(
    error: Exception, state: FilterState
):
    rig = Rig(FakeRunner(), FakeRunner(starts=2))
    assert (first := rig.step()) is not None
    rig.begun[0].errors = [error]
    held = rig.step()
    assert held is not None
    assert (held.rung, held.frame.seq) == (Rung.REPEAT, 2)
    assert held.frame.planes is first.frame.planes, "the last filtered picture"
    assert rig.kept.places == FakeRunner.places, "those of the next process"
    assert rig.begun[0].killed, "a hung process still holds its memory and its core"
    assert (rig.kept.state, rig.kept.restarts) == (state, 1)
    assert (again := rig.step()) is not None
    assert again.rung is Rung.REPEAT
    assert (back := rig.step()) is not None
    assert back.rung is Rung.GEOMETRIC
    assert rig.kept.state is FilterState.RUNNING


def test_the_next_process_is_told_how_the_face_looks_at_rest():
    rig = Rig(FakeRunner(), FakeRunner(), FakeRunner())
    for _ in range(20):
        rig.step(at_rest=True)
    rig.step()
    for _ in range(3):
        rig.step(at_rest=True)  # said again: this is what counts
    for lost in range(2):
        rig.begun[lost].errors = [DeadError()]
        rig.step()
        rig.step()
        rig.step()
        assert rig.begun[lost + 1].poses == 3, "once, and not with every picture"


def test_nothing_is_shown_where_nothing_was_filtered_yet():
    rig = Rig(FakeRunner(), FakeRunner(starts=5))
    rig.begun[0].errors = [DeadError()]
    assert rig.step() is None
    assert rig.step() is None


def test_a_frame_that_fails_is_counted_and_the_next_is_tried():
    rig = Rig(FakeRunner())
    rig.step()
    rig.begun[0].errors = [FrameError("odd")]
    assert (held := rig.step()) is not None
    assert held.rung is Rung.REPEAT
    assert (next_one := rig.step()) is not None
    assert next_one.rung is Rung.GEOMETRIC
    assert (rig.kept.failed, rig.kept.restarts, rig.begun[0].killed) == (1, 0, False)


def test_a_filter_that_fails_on_every_frame_is_begun_anew():
    rig = Rig(FakeRunner(), FakeRunner())
    rig.begun[0].errors = [FrameError("always")] * FRAMES_LOST
    for _ in range(FRAMES_LOST):
        rig.step()
    assert rig.begun[0].killed
    assert (after := rig.step()) is not None
    assert after.rung is Rung.GEOMETRIC


def test_what_dies_at_once_each_time_is_given_a_rest():
    rig = Rig(*(FakeRunner() for _ in range(9)))
    for _ in range(20):
        rig.begun[-1].errors = [DeadError()]
        rig.step()
    assert len(rig.begun) == 1 + 3, "three at once, then none"
    rig.clock.advance(REST)
    rig.step()
    assert len(rig.begun) == 1 + 4


def test_what_cannot_be_started_again_ends_the_call_with_the_reason():
    rig = Rig(FakeRunner(), *(FakeRunner(broken=True) for _ in range(STARTS_LOST)))
    rig.step()
    rig.begun[0].errors = [DeadError()]
    for _ in range(STARTS_LOST - 1):
        rig.step()
        rig.clock.advance(REST)
    with pytest.raises(StartError, match="no model here"):
        rig.step()


def test_stages_over_there_are_told_here():
    rig = Rig(FakeRunner())
    rig.step()
    told = rig.kept.percentiles()
    assert told["landmarks"].p50 == 3 * MS
    assert "crossing" in told


def test_after_closing_nothing_is_begun():
    rig = Rig(FakeRunner())
    rig.step()
    rig.kept.close()
    assert rig.begun[0].closed
    assert (held := rig.step()) is not None
    assert held.rung is Rung.REPEAT
    assert len(rig.begun) == 1

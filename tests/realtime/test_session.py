"""A run from source to sinks: in order, in time, and closed once whatever happens."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pytest

from realtime.box import Box, Closed, Latest, Lossless
from realtime.clock import MS, SECOND, ManualClock
from realtime.face.motion import Animation, Canvas, Pose
from realtime.filter import EmotionFilter
from realtime.session import Reader, Session, SourceError
from realtime.stage import Meter
from realtime.types import Edit, Emotion, Filtered, Frame, Landmarks
from tests.realtime.steps import Step

PERIOD = 33 * MS
BUDGET = 80 * MS


@dataclass
class Screen:
    """A sink that keeps what it was sent."""

    name: str = "screen"
    log: list[str] = field(default_factory=list[str])
    got: list[Filtered] = field(default_factory=list[Filtered])

    def send(self, filtered: Filtered) -> None:
        self.got.append(filtered)

    def close(self) -> None:
        self.log.append(self.name)


class Film:
    """A source of frames that are there at once; ends with ``error`` if given."""

    def __init__(self, count: int, error: Exception | None = None) -> None:
        self._count = count
        self._error = error
        self.closes = 0

    def frames(self) -> Iterable[Frame]:
        for seq in range(self._count):
            yield picture(seq, seq * PERIOD)
        if self._error:
            raise self._error

    def close(self) -> None:
        self.closes += 1


class Camera:
    """A source that never ends; closing it is the only way to make it stop."""

    def __init__(self) -> None:
        self._closed = threading.Event()
        self.ended = threading.Event()

    def frames(self) -> Iterator[Frame]:
        seq = 0
        while not self._closed.wait(0.001):
            yield picture(seq, seq * PERIOD)
            seq += 1
        self.ended.set()

    def close(self) -> None:
        self._closed.set()


def picture(seq: int, captured: int) -> Frame:
    """A frame whose one pixel is its number."""
    return Frame((np.array([[seq]], np.int64).astype(np.uint8),), "gray", captured, seq,
                 Fraction(1, 30), seq)  # fmt: skip


class Rig:
    """Stages that cost what the test says and change nothing but the clock."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.edits: list[Edit] = []
        self.resting: list[int] = []
        self.locate = Step("landmarks", self.clock, no_faces)
        self.animate = Step("animate", self.clock, self._animate)
        self.render = Step("render", self.clock, unchanged)
        self.filter = EmotionFilter(self.locate, self.animate, self.render, Meter(self.clock))

    def _animate(self, pose: Pose) -> Animation:
        self.edits.append(pose.edit)
        if pose.at_rest:
            self.resting.append(pose.now)
        return Animation((), 1.0, {})


def no_faces(_: Frame) -> tuple[Landmarks, ...]:
    return ()


def unchanged(canvas: Canvas) -> Frame:
    return canvas.frame


def seqs(screen: Screen) -> list[int]:
    return [filtered.frame.seq for filtered in screen.got]


def test_every_frame_of_a_file_reaches_every_sink_in_order():
    rig, screens = Rig(), (Screen(), Screen())
    rig.render.cost = 500 * MS
    box = Lossless[Frame](2)
    with Session(box, rig.filter, screens, budget=None) as session, Reader(Film(50), box):
        session.run()
    assert seqs(screens[0]) == seqs(screens[1]) == list(range(50))
    assert all(filtered.rung == "geometric" for filtered in screens[0].got)


def test_a_new_edit_holds_from_the_next_frame_on():
    rig = Rig()
    box = Lossless[Frame](9)
    happy, sad = Edit(Emotion.HAPPY), Edit(Emotion.SAD)
    with Session(box, rig.filter, (), budget=None, edit=happy) as session:
        for seq in range(4):
            box.put(picture(seq, 0))
        session.step()
        session.step()
        session.edit = sad
        session.step()
        session.step()
    assert rig.edits == [happy, happy, sad, sad]


def test_who_says_that_the_face_rests_is_believed_for_a_moment_from_the_next_frame_on():
    rig = Rig()
    box = Lossless[Frame](99)
    with Session(box, rig.filter, (), budget=None) as session:
        for seq in range(60):
            box.put(picture(seq, 5 * SECOND + seq * PERIOD))
        for seq in range(60):
            if seq == 20:
                session.take_rest()
            session.step()
    first = 5 * SECOND + 20 * PERIOD
    assert rig.resting[0] == first
    assert 600 * MS < rig.resting[-1] - first < 800 * MS
    assert len(rig.resting) == round((rig.resting[-1] - first) / PERIOD) + 1


def test_pictures_that_may_not_be_shown_are_counted():
    rig, screen = Rig(), Screen()
    rig.clock.advance(500 * MS)
    box = Latest[Frame]()
    with Session(box, rig.filter, (screen,), budget=BUDGET) as session:
        box.put(picture(0, captured=0))
        session.step()
    assert session.unshown == 1
    assert screen.got == []


def test_a_source_that_fails_reaches_the_caller_with_its_reason():
    rig, screen = Rig(), Screen()
    box = Lossless[Frame](2)
    cause = OSError("device unplugged")
    with (
        Session(box, rig.filter, (screen,), budget=None) as session,
        Reader(Film(7, cause), box),
        pytest.raises(SourceError, match="device unplugged") as failure,
    ):
        session.run()
    assert failure.value.__cause__ is cause
    assert seqs(screen) == list(range(7))


def test_a_source_that_ends_is_no_failure():
    rig = Rig()
    box = Lossless[Frame](2)
    with Session(box, rig.filter, (), budget=None) as session, Reader(Film(3), box):
        session.run()
    with pytest.raises(Closed):
        box.put(picture(0, 0))


def test_everything_is_closed_once_in_reverse_order():
    rig = Rig()
    order: list[str] = []

    class Marked(Lossless[Frame]):
        def close(self, error: Exception | None = None) -> None:
            if error is None:
                order.append("box")
            super().close(error)

    screens = (Screen("first", order), Screen("second", order))
    with pytest.raises(ZeroDivisionError), Session(Marked(1), rig.filter, screens, budget=None):
        raise ZeroDivisionError
    assert order == ["box", "second", "first"]
    assert (rig.locate.closes, rig.animate.closes, rig.render.closes) == (1, 1, 1)


def test_a_sink_that_fails_to_close_keeps_nobody_from_closing():
    class Jammed(Screen):
        def close(self) -> None:
            super().close()
            raise OSError("disk full")

    rig, log = Rig(), list[str]()
    sinks = (Screen("first", log), Jammed("second", log), Screen("third", log))
    with (
        pytest.raises(OSError, match="disk full"),
        Session(Lossless(1), rig.filter, sinks, budget=None),
    ):
        pass
    assert log == ["third", "second", "first"]
    assert rig.locate.closes == 1


def test_a_reader_stops_a_source_that_never_ends():
    camera = Camera()
    box = Latest[Frame]()
    with Reader(camera, box):
        box.get()
    assert camera.ended.is_set()
    with pytest.raises(Closed):
        box.put(picture(0, 0))


def test_a_reader_gets_out_of_a_box_that_nobody_empties():
    film = Film(1000)
    box = Lossless[Frame](1)
    with Reader(film, box):
        box.get()
    assert film.closes == 1


def test_a_source_that_fails_to_close_does_not_leave_its_thread_behind():
    class Stuck(Film):
        def close(self) -> None:
            raise OSError("ioctl failed")

    box = Lossless[Frame](1)
    before = threading.active_count()
    with pytest.raises(OSError, match="ioctl failed"), Reader(Stuck(1000), box):
        box.get()
    assert threading.active_count() == before
    with pytest.raises(Closed):
        box.put(picture(0, 0))


@pytest.mark.parametrize("stalled", ["locate", "animate", "render"])
def test_under_overload_the_age_of_the_picture_stays_flat(stalled: str):
    """One stage takes 100 ms for every frame of a camera at 30 a second, for 20 seconds."""
    rig, screen = Rig(), Screen()
    rig.locate.cost = rig.animate.cost = rig.render.cost = 2 * MS
    getattr(rig, stalled).cost = 100 * MS
    box = Latest[Frame]()
    ages: list[float] = []
    with Session(box, rig.filter, (screen,), budget=BUDGET) as session:
        taken = 0
        while taken < 600:
            due = max(rig.clock.now() // PERIOD, taken)
            rig.clock.advance(max(0, due * PERIOD - rig.clock.now()))
            for seq in range(taken, due + 1):
                box.put(picture(seq % 256, seq * PERIOD))
            taken = due + 1
            session.step()
            ages += [(rig.clock.now() - seen(f, due) * PERIOD) / MS for f in screen.got[-1:]]
    late = np.array(ages[len(ages) // 2 :])
    assert max(ages) <= 250, "a picture is old when it is shown"
    assert np.median(late) <= np.median(ages[: len(ages) // 2]) + 20, "the age grows"
    assert len(set(seqs(screen))) >= 100, "too few pictures are shown"


def seen(filtered: Filtered, newest: int) -> int:
    """Return the number of the picture that the pixels show, which a repeated one keeps."""
    return newest - (newest - int(filtered.frame.planes[0][0, 0])) % 256


def box_of(count: int) -> Box[Frame]:
    box = Lossless[Frame](count)
    for seq in range(count):
        box.put(picture(seq, 0))
    box.close()
    return box


def test_run_ends_with_the_box():
    rig, screen = Rig(), Screen()
    with Session(box_of(5), rig.filter, (screen,), budget=None) as session:
        session.run()
    assert seqs(screen) == list(range(5))

"""What is shown when there is time, when there is too little, and when there is none."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from realtime.clock import MS, Deadline, ManualClock
from realtime.face.motion import Animation, Canvas, Pose
from realtime.filter import UPHILL, EmotionFilter
from realtime.stage import Meter
from realtime.types import Edit, Emotion, Filtered, Frame, Landmarks, Rung
from tests.realtime.steps import Step

PERIOD = 33 * MS
BUDGET = 80 * MS
EDITED = 200
HAPPY = Edit(Emotion.HAPPY)


class Rig:
    """A filter whose stages cost what the test says, fed by a camera on a clock of its own."""

    def __init__(self, *, show_unfiltered: bool = False) -> None:
        self.clock = ManualClock()
        self.locate = Step("landmarks", self.clock, self._locate)
        self.animate = Step("animate", self.clock, self._animate)
        self.render = Step("render", self.clock, self._render)
        self.filter = EmotionFilter(
            self.locate,
            self.animate,
            self.render,
            Meter(self.clock),
            show_unfiltered=show_unfiltered,
        )
        self.poses: list[Pose] = []
        self.seq = 0

    def camera(self) -> Frame:
        """Return the picture taken now; its one pixel is its number."""
        self.seq += 1
        pixel = np.array([[self.seq % 100]], np.uint8)
        now = self.clock.now()
        return Frame((pixel,), "gray", now, 1000 + self.seq, Fraction(1, 90_000), self.seq)

    def show(self, *, late: int = 0, budget: int | None = BUDGET) -> Filtered | None:
        """Filter the next picture, ``late`` after it was taken, and wait for the one after it."""
        frame = self.camera()
        self.clock.advance(late)
        at = None if budget is None else frame.captured + budget
        out = self.filter(frame, HAPPY, Deadline(at))
        self.clock.advance(max(0, frame.captured + PERIOD - self.clock.now()))
        return out

    def rungs(self, count: int) -> list[Rung | None]:
        return [out and out.rung for out in (self.show() for _ in range(count))]

    def _locate(self, frame: Frame) -> tuple[Landmarks, ...]:
        return (Landmarks(np.zeros((478, 3), np.float32), 1.0, frame.captured),)

    def _animate(self, pose: Pose) -> Animation:
        self.poses.append(pose)
        return Animation((), 0.75, {"mouthSmileLeft": 0.5})

    def _render(self, canvas: Canvas) -> Frame:
        return canvas.frame.with_planes((np.array([[EDITED]], np.uint8),))


def shown(out: Filtered | None) -> int:
    assert out is not None
    return int(out.frame.planes[0][0, 0])


def test_with_time_enough_every_frame_is_edited_on_its_own_landmarks():
    rig = Rig()
    rig.locate.cost = rig.render.cost = 5 * MS
    outs = [rig.show() for _ in range(10)]
    assert [shown(out) for out in outs] == [EDITED] * 10
    assert all(out and out.rung is Rung.GEOMETRIC for out in outs)
    assert rig.locate.runs == 10
    assert all(pose.faces[0].captured == pose.now for pose in rig.poses)
    assert all(pose.edit is HAPPY for pose in rig.poses)


def test_the_answer_says_what_was_found_and_what_it_cost():
    rig = Rig()
    rig.locate.cost, rig.animate.cost, rig.render.cost = 4 * MS, 1 * MS, 3 * MS
    out = rig.show()
    assert out is not None
    assert len(out.faces) == 1
    assert out.presence == 0.75
    assert out.coefficients == {"mouthSmileLeft": 0.5}
    assert out.spent == {"landmarks": 4 * MS, "animate": 1 * MS, "render": 3 * MS}
    assert (out.frame.pts, out.frame.seq, out.frame.captured) == (1001, 1, 0)


def test_a_file_is_never_late():
    rig = Rig()
    rig.locate.cost = 5000 * MS
    assert [rig.show(budget=None) for _ in range(3)]
    assert rig.locate.runs == 3
    assert all(shown(rig.show(late=9000 * MS, budget=None)) == EDITED for _ in range(3))


def test_landmarks_that_cost_too_much_are_used_again():
    rig = Rig()
    rig.locate.cost, rig.render.cost = 100 * MS, 5 * MS
    first, *others = rig.rungs(6)
    assert first is Rung.GEOMETRIC  # nothing was known of the cost
    assert set(others) == {Rung.REUSE}
    assert rig.locate.runs == 1
    assert rig.render.runs == 6
    assert {pose.faces[0].captured for pose in rig.poses} == {0}
    assert [pose.now for pose in rig.poses] == sorted({pose.now for pose in rig.poses})


def test_when_nothing_fits_the_last_edited_picture_comes_again_with_new_time_stamps():
    rig = Rig()
    rig.render.cost = 60 * MS
    first, second = rig.show(budget=50 * MS), rig.show(budget=50 * MS)
    assert first is not None
    assert second is not None
    assert second.rung is Rung.REPEAT
    assert shown(second) == EDITED
    assert (second.frame.seq, second.frame.pts) == (2, 1002)
    assert second.frame.captured > first.frame.captured
    assert second.spent == {}
    assert rig.render.runs == 1


def test_a_picture_that_comes_too_late_is_not_worth_the_work():
    rig = Rig()
    rig.show()
    out = rig.show(late=BUDGET + MS)
    assert out is not None
    assert out.rung is Rung.REPEAT
    assert rig.locate.runs == 1


def test_before_there_is_an_edited_picture_nothing_is_shown():
    rig = Rig()
    assert rig.show(late=BUDGET + MS) is None
    assert shown(rig.show()) == EDITED


def test_the_bare_face_is_never_shown_whatever_the_delay():
    rig = Rig()
    chance = np.random.default_rng(0)
    seen: set[Rung | None] = set()
    for _ in range(400):
        rig.locate.cost, rig.render.cost = chance.choice([1, 1, 1, 60, 300], 2) * MS
        out = rig.show(late=int(chance.choice([0, 0, 50, 200])) * MS)
        seen.add(out and out.rung)
        assert out is None or shown(out) == EDITED
    assert seen >= {Rung.GEOMETRIC, Rung.REUSE, Rung.REPEAT}
    assert Rung.UNFILTERED not in seen


def test_the_bare_face_is_shown_in_need_to_who_allows_it():
    rig = Rig(show_unfiltered=True)
    out = rig.show(late=BUDGET + MS)
    assert out is not None
    assert out.rung is Rung.UNFILTERED
    assert shown(out) == rig.seq
    assert shown(rig.show()) == EDITED


def test_the_ladder_is_climbed_only_after_a_row_of_frames_with_room():
    rig = Rig()
    rig.locate.cost = 100 * MS
    rig.rungs(3)
    rig.locate.cost = 2 * MS
    rig.clock.advance(1001 * MS)  # what landmarks cost is unknown again
    climb = rig.rungs(UPHILL + 3)
    assert climb == [Rung.REUSE] * (UPHILL - 1) + [Rung.GEOMETRIC] * 4


def test_one_tight_frame_on_the_way_up_starts_the_count_again():
    rig = Rig()
    rig.locate.cost = 50 * MS
    rig.show()
    tight = 40 * MS

    def rung(late: int = 0) -> Rung | None:
        out = rig.show(late=late)
        return out and out.rung

    assert rung(late=tight) is Rung.REUSE
    assert [rung() for _ in range(10)] == [Rung.REUSE] * 10
    assert rung(late=tight) is Rung.REUSE
    assert [rung() for _ in range(UPHILL - 1)] == [Rung.REUSE] * (UPHILL - 1)
    assert rung() is Rung.GEOMETRIC


def test_a_filter_that_was_slow_for_a_while_recovers_by_itself():
    rig = Rig()
    rig.locate.cost, rig.animate.cost, rig.render.cost = 300 * MS, 30 * MS, 300 * MS
    rig.rungs(60)
    rig.locate.cost = rig.animate.cost = rig.render.cost = 2 * MS
    assert rig.rungs(150)[-30:] == [Rung.GEOMETRIC] * 30


def test_a_filter_that_stays_slow_repeats_but_does_not_freeze():
    rig = Rig()
    rig.render.cost = 60 * MS
    last = 0
    rungs: list[Rung] = []
    for _ in range(100):
        out = rig.show(budget=50 * MS)
        assert out is not None
        assert shown(out) == EDITED
        rungs.append(out.rung)
        last = rig.clock.now() if out.rung is not Rung.REPEAT else last
        assert rig.clock.now() - last < 150 * MS
    assert Rung.REPEAT in rungs


def test_a_picture_that_is_late_by_the_camera_is_shown_all_the_same():
    """Time stamps that lag, as some drivers give them, must not leave the screen black."""
    rig = Rig()
    outs = [rig.show(late=BUDGET + MS) for _ in range(30)]
    assert outs[0] is None
    assert sum(out is not None and out.rung is not Rung.REPEAT for out in outs) > 5
    assert all(shown(out) == EDITED for out in outs[10:])


def test_without_a_face_the_picture_goes_on():
    rig = Rig()
    rig.filter = EmotionFilter(
        Step("landmarks", rig.clock, lambda _: ()),
        Step("animate", rig.clock, lambda _: Animation((), 0.0, {})),
        Step("render", rig.clock, lambda canvas: canvas.frame),
        Meter(rig.clock),
    )
    out = rig.show()
    assert out is not None
    assert out.faces == ()
    assert shown(out) == rig.seq


def test_after_a_jump_nothing_of_before_is_shown():
    rig = Rig()
    rig.show()
    rig.filter.reset()
    assert (rig.locate.resets, rig.animate.resets, rig.render.resets) == (1, 1, 1)
    assert rig.show(late=BUDGET + MS) is None


def test_closing_closes_every_stage():
    rig = Rig()
    rig.filter.close()
    assert (rig.locate.closes, rig.animate.closes, rig.render.closes) == (1, 1, 1)

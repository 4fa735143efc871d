"""A generator after the geometric edit: what it touches, when it is left out, how it goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from engines.landmarks.picture import Picture
from engines.placement import Placement
from engines.wav2lip_emotion.faces import Square, square_of
from engines.wav2lip_emotion.live import SEEN, LiveEditor, silence
from engines.wav2lip_emotion.retouch import SIDE, Fields
from realtime.build import build_filter
from realtime.clock import MS, Deadline, ManualClock
from realtime.config import FilterSettings
from realtime.face.generator import FADE_NS, MISSES, ROOM, Generator
from realtime.face.motion import Draft, Motion
from realtime.filter import EmotionFilter
from realtime.stage import Meter
from realtime.types import PANIC, Edit, Emotion, Filtered, Floats, Frame, Pixels, Rung
from tests import generators, portrait

HAPPY = Edit(Emotion.HAPPY, ramp_ms=0.0)
EVER = Deadline(None)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generators.reddening(tmp_path_factory.mktemp("generator") / "red.onnx")


@pytest.fixture(scope="module")
def filters(weights: Path) -> Iterator[tuple[EmotionFilter, EmotionFilter]]:
    """Return one with the generator and one without."""
    chosen = FilterSettings(generator="wav2lip-emotion", generator_weights=str(weights))
    plain = FilterSettings(generator="geometric")
    ours, without = (build_filter(each, ManualClock(), still=True) for each in (chosen, plain))
    with closing(ours), closing(without):
        yield ours, without


def camera(*, heard: bool = True) -> Frame:
    frame = portrait.frame(portrait.photograph())
    return replace(frame, speech=silence() if heard else None)


def shown(filter: EmotionFilter, frame: Frame, edit: Edit) -> Filtered:
    out = filter(frame, edit, EVER)
    assert out is not None
    return out


def redder(one: Frame, other: Frame) -> Floats:
    """Return [H, W]: how much more green and blue the other has."""
    apart = portrait.rgb_of(other).astype(np.float32) - portrait.rgb_of(one)
    return apart[..., 1:].mean(2)


def test_the_face_changes_and_whatever_lies_outside_its_square_is_the_same(
    filters: tuple[EmotionFilter, EmotionFilter],
):
    ours, without = (shown(each, camera(), HAPPY) for each in filters)
    assert (ours.rung, without.rung) == (Rung.GENERATOR, Rung.GEOMETRIC)
    assert set(ours.spent) - set(without.spent) == {"generator", "blend"}
    square = square_of(portrait.found().points, SEEN)
    for with_it, plain in zip(ours.frame.planes, without.frame.planes, strict=True):
        by = ours.frame.height / with_it.shape[0]
        down, across = np.indices(with_it.shape) * by
        far = np.maximum(abs(across - square.x), abs(down - square.y)) > square.side / 2 + 4
        assert far.mean() > 0.3
        np.testing.assert_array_equal(with_it[far], plain[far])
    x, y = round(square.x), round(square.y)
    face = redder(ours.frame, without.frame)[y - 40 : y + 40, x - 40 : x + 40]
    assert np.median(face) == pytest.approx(255 * generators.RED, rel=0.15)


@pytest.mark.parametrize(
    "edit", [Edit(), PANIC, Edit(Emotion.HAPPY, 0.02), Edit(Emotion.HAPPY, -1.0)]
)
def test_where_nothing_is_asked_of_it_the_network_does_not_run(
    filters: tuple[EmotionFilter, EmotionFilter], edit: Edit
):
    ours, without = (shown(each, camera(), replace(edit, ramp_ms=0.0)) for each in filters)
    assert ours.rung is Rung.GEOMETRIC
    assert ours.spent.keys() == without.spent.keys()
    assert all(map(np.array_equal, ours.frame.planes, without.frame.planes))


def test_nor_where_there_is_no_face_or_nobody_wants_it(
    filters: tuple[EmotionFilter, EmotionFilter],
):
    grey = portrait.frame(np.full((480, 640, 3), 128, np.uint8))
    frozen = camera(heard=False)
    for frame in (replace(grey, speech=silence()), frozen):
        out = shown(filters[0], frame, HAPPY)
        assert "generator" not in out.spent
        assert out.rung is Rung.GEOMETRIC


def test_a_region_that_is_left_alone_is_left_alone_by_it_too(
    filters: tuple[EmotionFilter, EmotionFilter],
):
    edit = replace(HAPPY, mouth=0.0)
    apart = redder(*(shown(each, camera(), edit).frame for each in filters))
    points = portrait.found().points
    (_, brow), (x, lip) = points[9, :2], points[13, :2]

    def about(height: float) -> Floats:
        return apart[round(height) - 4 : round(height) + 4, round(x) - 10 : round(x) + 10]

    assert np.abs(np.median(about(lip))) < 2
    assert np.median(about(brow)) > 20


class Painter:
    """An editor that makes the luma of the square lighter by what it is told, at a price."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.cost, self.price = 4 * MS, 1 * MS
        self.asked: list[Floats] = []

    def fields_of(self, picture: Picture, square: Square, edit: Floats, speech: Floats) -> Fields:
        self.clock.advance(self.cost)
        self.asked.append(edit)
        plain = np.ones((SIDE, SIDE), np.float32)
        return Fields(np.stack([0 * plain] * 2), np.stack([plain] * 3), plain)

    def applied(self, picture: Picture, square: Square, fields: Fields) -> tuple[Pixels, ...]:
        self.clock.advance(self.price)
        value = round(200 * float(fields.mask.mean()))
        return (np.full_like(picture.planes[0], value),)

    def close(self) -> None:
        """Nothing is held."""


class Rig:
    """A generator on a clock of its own, 30 pictures a second; what it shows is its strength."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.meter = Meter(self.clock)
        self.painter = Painter(self.clock)
        place = Placement("live_generator", "here", {})
        self.generator = Generator(cast("LiveEditor", cast("Any", self.painter)), place)
        self.seq = 0
        self.points = np.concatenate(
            [portrait.found().points[:, :2], np.zeros((36, 2), np.float32)]
        )
        plane = np.zeros((8, 8), np.uint8)
        self.picture = Frame((plane,), "gray", 0, 0, Fraction(1, 30), 0, speech=silence())

    def show(self, edit: Edit = HAPPY, *, budget: int | None = 80 * MS) -> tuple[float, bool]:
        """Return how strongly the picture shows it, 0 to 1, and whether the network ran."""
        self.seq += 1
        self.clock.advance(self.seq * 33 * MS - self.clock.now())
        now = self.clock.now()
        frame = replace(self.picture, captured=now)
        motion = Motion(self.points, np.zeros_like(self.points), np.zeros(4, np.float32))
        self.meter.last.clear()
        at = None if budget is None else now + budget
        draft = Draft(frame, (motion,), edit, now)
        out, ran = self.generator(draft, self.meter, Deadline(at))
        return float(out.planes[0].mean()) / 200, ran


def test_with_time_enough_it_is_there_from_the_first_picture_on():
    rig = Rig()
    assert [rig.show() for _ in range(40)] == [(1.0, True)] * 40


def test_a_picture_that_it_would_make_late_goes_without_and_no_network_runs():
    rig = Rig()
    rig.painter.cost = 20 * MS
    assert rig.show() == (1.0, True)
    assert not rig.show(budget=15 * MS)[1]
    assert len(rig.painter.asked) == 1


def test_a_picture_now_and_then_without_time_for_it_keeps_what_was_said_last():
    rig = Rig()
    rig.painter.cost = 20 * MS
    shown: list[tuple[float, bool]] = []
    for _ in range(60):
        shown += [*(rig.show() for _ in range(6)), rig.show(budget=15 * MS)]
    assert {strength for strength, _ in shown} == {1.0}
    assert [ran for _, ran in shown] == ([True] * 6 + [False]) * 60


def test_it_goes_softly_and_comes_softly():
    rig = Rig()
    for _ in range(3):
        rig.show()
    rig.painter.cost = 60 * MS  # more than a picture may take
    strengths = [rig.show()]
    while strengths[-1][1]:
        strengths.append(rig.show())
    assert len(strengths) < 10
    rig.painter.cost = 4 * MS
    strengths = [*strengths[-1:], *(rig.show() for _ in range(200))]
    steps = np.diff([1.0, *(s for s, _ in strengths)])
    assert np.abs(steps).max() <= 2 * 33 * MS / FADE_NS + 0.02
    assert min(s for s, _ in strengths) == 0
    assert strengths[-1] == (1.0, True)
    gone = next(i for i, (s, _) in enumerate(strengths) if s == 0)
    assert gone * 33 * MS <= FADE_NS + (MISSES + 1) * 33 * MS


def test_one_that_is_always_too_slow_is_tried_ever_less_often():
    rig = Rig()
    rig.painter.cost = 60 * MS
    tries = [i for i in range(1500) if rig.show()[1]]
    gaps = np.diff(tries)
    assert gaps[0] >= ROOM
    assert (np.diff(gaps) > 0).all()
    assert len(tries) < 8


def test_a_file_has_all_the_time_there_is():
    rig = Rig()
    rig.painter.cost = 900 * MS
    assert [rig.show(budget=None) for _ in range(5)] == [(1.0, True)] * 5


def test_it_is_asked_for_what_the_edit_asks_on_the_edits_own_ramp():
    rig = Rig()
    sad = Edit(Emotion.SAD, 0.8, ramp_ms=330.0)
    rig.show(HAPPY)
    for _ in range(12):
        rig.show(sad)
    happy, sorry = np.array(rig.painter.asked)[:, [1, 2]].T
    assert (happy[0], sorry[0]) == (1, 0)
    assert (np.diff(happy) <= 0).all()
    assert np.abs(np.diff(happy)).max() < 0.2
    assert (happy[-1], sorry[-1]) == (0, pytest.approx(0.8))


def test_a_point_of_valence_and_arousal_is_asked_for_as_its_neighbours():
    rig = Rig()
    rig.show(Edit(affect=(0.6, 0.6), ramp_ms=0.0))
    asked = rig.painter.asked[-1]
    assert np.flatnonzero(asked > 0.05).tolist() == [1, 6]  # happy and surprise


def test_a_panic_ends_it_at_once():
    rig = Rig()
    rig.show()
    before = len(rig.painter.asked)
    assert rig.show(PANIC) == (0.0, False)
    assert len(rig.painter.asked) == before

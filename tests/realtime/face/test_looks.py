"""A face's light at rest: folds go, lamps and strangers do not count, and it takes its time."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from realtime.clock import MS, SECOND
from realtime.face import furrows, mesh, skin
from realtime.face.looks import LEARN_S, Looks
from realtime.face.motion import Sighting
from realtime.picture import convert, from_rgb
from realtime.types import Floats, Frame, Pixels
from tests import portrait

FOLD = (129, 203, 206, 216)
ALL = (1.0, 1.0)


@cache
def seen() -> Sighting:
    return Sighting(portrait.found().points, 0, plain=ALL)


def frame(rgb: Pixels) -> Frame:
    return convert(from_rgb(rgb), "yuv420p")


@cache
def folded() -> Pixels:
    """The portrait with a dark line beside its nose."""
    line = np.zeros(portrait.photograph().shape[:2], np.float32)
    path = portrait.found().points[list(FOLD), :2]
    cv2.polylines(line, [np.rint(path * 8).astype(np.int32)], False, (1.0,), 5, cv2.LINE_AA, 3)
    dark = 1 - 0.3 * cv2.GaussianBlur(line, (0, 0), 2.0)
    return np.rint(portrait.photograph() * dark[..., None]).astype(np.uint8)


def told(rgb: Pixels | None = None) -> Looks:
    """Return what was told that the portrait, or another picture, shows it at rest."""
    looks = Looks()
    for i in range(4):
        picture = portrait.photograph() if rgb is None else rgb
        looks.learn(frame(picture), replace(seen(), at=i * 33 * MS, said=True))
    return looks


def on_fold(light: Floats) -> float:
    """Return the gain in the middle of the fold."""
    x, y = mesh.canonical()[list(FOLD), :2].mean(axis=0)
    row, column = int((y - furrows.TOP) / furrows.STEP), int((x - furrows.LEFT) / furrows.STEP)
    return float(light[row - 3 : row + 4, column - 3 : column + 4].max())


def light(looks: Looks, rgb: Pixels, at: Sighting | None = None) -> Floats:
    out = looks.light(frame(rgb), at or seen())
    assert out is not None
    return out


def test_a_fold_that_rest_has_not_is_lit_away_and_little_else():
    gain = light(told(), folded())
    assert on_fold(gain) > 0.12
    assert np.abs(gain).mean() < 0.02
    assert on_fold(light(told(folded()), portrait.photograph())) < 0.05  # which rest has not lit


def test_a_face_as_it_rests_is_left_as_it_is():
    assert np.abs(light(told(), portrait.photograph())).max() < 1e-3


def test_another_lamp_is_no_fold():
    dimmed = np.rint(portrait.photograph() * np.linspace(0.6, 1.0, 640)[None, :, None])
    assert np.abs(light(told(), dimmed.astype(np.uint8))).mean() < 0.03


def test_a_face_that_looks_nothing_like_it_is_left_alone():
    other = np.invert(portrait.photograph())
    assert np.abs(light(told(), other)).max() < 1e-6


def test_nothing_is_done_before_anything_is_known_or_where_nothing_is_to_go():
    assert Looks().light(frame(folded()), seen()) is None
    assert told().light(frame(folded()), replace(seen(), plain=(0.0, 0.0))) is None


@pytest.mark.parametrize(("at_rest", "known"), [(1.0, True), (0.0, False)])
def test_who_talks_at_rest_for_some_seconds_need_say_nothing(at_rest: float, known: bool):
    looks = Looks()
    for i in range(round(1.2 * LEARN_S * 30)):
        now = replace(seen(), at=i * SECOND // 30, at_rest=at_rest)
        looks.learn(frame(portrait.photograph()), now)
    out = looks.light(frame(folded()), seen())
    assert (out is not None) == known
    if out is not None:
        assert on_fold(out) > 0.1


def test_what_was_learned_goes_with_its_face_and_what_was_said_stays():
    learnt, said = Looks(), told()
    for i in range(120):
        now = replace(seen(), at=i * SECOND // 30, at_rest=1.0)
        learnt.learn(frame(portrait.photograph()), now)
    for looks in (learnt, said):
        looks.learn(frame(portrait.photograph()), replace(seen(), track=1, at=9 * SECOND))
    assert learnt.light(frame(folded()), replace(seen(), track=1)) is None
    assert said.light(frame(folded()), replace(seen(), track=1)) is not None


def test_one_trembling_picture_is_no_sudden_light():
    looks = told()
    for i in range(10):
        light(looks, portrait.photograph(), replace(seen(), at=i * SECOND // 30))
    once = on_fold(light(looks, folded(), replace(seen(), at=10 * SECOND // 30)))
    later = [
        on_fold(light(looks, folded(), replace(seen(), at=i * SECOND // 30))) for i in range(11, 40)
    ]
    assert once < 0.5 * later[-1]


@pytest.mark.parametrize("scale", [0.6, 2.0, 3.0])
def test_a_near_face_and_a_far_one_look_alike(scale: float):
    rgb = portrait.photograph()
    size = round(640 * scale), round(480 * scale)
    near = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    points = portrait.found().points
    front = skin.Front()
    here = front(from_rgb(rgb), points)
    there = front(from_rgb(near), ((points + 0.5) * scale - 0.5).astype(np.float32))
    where = skin.where_skin() > 0.5
    assert np.abs(here - there)[where].mean() < 0.02


def test_a_face_that_leaves_the_picture_is_read_all_the_same():
    points = portrait.found().points + np.array((330.0, 200.0, 0.0), np.float32)
    look = skin.Front()(frame(portrait.photograph()), points)
    assert np.isfinite(look).all()
    gone = portrait.found().points + np.array((9000.0, 0.0, 0.0), np.float32)
    assert np.isfinite(skin.Front()(frame(portrait.photograph()), gone)).all()

"""Faces are found, followed, lost and found again, and the points are MediaPipe's."""

from __future__ import annotations

import numpy as np
import pytest

from engines.cache import Cache
from engines.engine import Options
from engines.landmarks.follow import open_tracker
from engines.landmarks.picture import Picture, Pixels
from engines.landmarks.tracker import LandmarkTracker
from engines.spec import Array
from realtime.picture import convert, from_rgb
from realtime.types import Floats
from tests import portrait
from tests.engines.landmarks_fakes import Told, boxes, mesh

SCENE = Picture((np.zeros((128, 128), np.uint8),))


@pytest.fixture(scope="module")
def opened(cache: Cache) -> LandmarkTracker:
    tracker, _ = open_tracker(["onnxruntime"], Options(cache=cache), most=4)
    return tracker


@pytest.fixture
def tracker(opened: LandmarkTracker) -> LandmarkTracker:
    opened.reset()
    return opened


def apart(a: Floats, b: Floats) -> float:
    """Return the mean distance, per cent of that of the eyes' outer corners."""
    eyes = float(np.linalg.norm(b[33, :2] - b[263, :2]))
    return float(np.linalg.norm(a[:, :2] - b[:, :2], axis=1).mean()) / eyes * 100


@pytest.mark.parametrize("roll", [-60, 0, 35])
def test_the_points_are_those_of_mediapipe(tracker: LandmarkTracker, roll: float):
    rgb = portrait.move(portrait.photograph(), roll=roll, scale=0.8)
    (expected,) = portrait.look(rgb)
    (found,) = tracker.step(Picture((rgb,)))
    assert apart(found.points, expected.points) < 0.5
    depth = np.abs(found.points[:, 2] - expected.points[:, 2]).mean()
    assert depth < 0.01 * np.ptp(expected.points[:, 2])
    assert found.score > 0.9


def test_camera_planes_give_the_same_points_as_rgb(tracker: LandmarkTracker):
    rgb = portrait.photograph()
    frame = convert(from_rgb(rgb), "yuv420p")
    (one,) = tracker.step(Picture((rgb,)))
    tracker.reset()
    (other,) = tracker.step(Picture(frame.planes, frame.full_range))
    assert apart(other.points, one.points) < 0.3


def test_a_face_is_followed_and_found_again_after_a_jump(tracker: LandmarkTracker):
    here = portrait.move(portrait.photograph(), scale=0.5)
    there = portrait.move(portrait.photograph(), scale=0.5, right=-150, down=60)
    for rgb in (here, here, there, there):
        (expected,) = portrait.look(rgb)
        (found,) = tracker.step(Picture((rgb,)))
        assert apart(found.points, expected.points) < 1


def test_no_face_is_seen_where_there_is_none(tracker: LandmarkTracker):
    assert tracker.step(Picture((np.full((480, 640, 3), 90, np.uint8),))) == []


def test_two_faces_are_both_followed(tracker: LandmarkTracker):
    both = side_by_side()
    found = tracker.step(Picture((both,)), look_around=True)
    middles = sorted(float(face.points[:, 0].mean()) for face in found)
    assert len(middles) == 2
    assert middles[1] - middles[0] == pytest.approx(640, abs=10)


def side_by_side() -> Pixels:
    return np.concatenate([portrait.photograph()] * 2, axis=1)


def told(*found: tuple[float, float, float, float]) -> tuple[Told, Told]:
    return Told("face_detector", lambda _: boxes(*found)), Told("face_mesh_attention", answer)


def answer(image: Array) -> dict[str, Array]:
    return mesh()


def test_the_detector_runs_only_when_nothing_is_followed_or_asked_for():
    detect, look = told((64, 64, 40, 0.9))
    tracker = LandmarkTracker(detect, look, most=2)
    for _ in range(5):
        assert len(tracker.step(SCENE)) == 1
    assert (detect.asked, look.asked) == (1, 5)
    tracker.step(SCENE, look_around=True)
    assert detect.asked == 2


def test_who_is_followed_already_is_not_found_twice():
    detect, look = told((64, 64, 40, 0.9))
    tracker = LandmarkTracker(detect, look, most=2)
    assert [len(tracker.step(SCENE, look_around=True)) for _ in range(3)] == [1, 1, 1]


def test_no_more_faces_than_asked_for_are_followed():
    detect, look = told((20, 64, 20, 0.7), (64, 64, 20, 0.9), (108, 64, 20, 0.8))
    assert len(LandmarkTracker(detect, look, most=2).step(SCENE)) == 2


@pytest.mark.parametrize("presence", [0.5, 0.0, float("nan")])
def test_a_face_that_the_mesh_does_not_see_is_lost_and_looked_for_at_once(presence: float):
    detect, look = told((64, 64, 40, 0.9))
    seen = [1.0, presence, 1.0]
    look = Told("face_mesh_attention", lambda _: mesh(presence=seen.pop(0)))
    tracker = LandmarkTracker(detect, look)
    assert len(tracker.step(SCENE)) == 1
    assert len(tracker.step(SCENE)) == 1  # lost in this picture, and found in the same
    assert detect.asked == 2


def test_points_that_are_no_numbers_are_no_face():
    broken = mesh()
    broken["points"][:] = np.nan
    detect, _ = told((64, 64, 40, 0.9))
    tracker = LandmarkTracker(detect, Told("face_mesh_attention", lambda _: broken))
    assert tracker.step(SCENE) == []
    assert tracker.step(SCENE) == []
    assert detect.asked == 2

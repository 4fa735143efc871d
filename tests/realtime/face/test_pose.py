"""The head's pose is found whatever the face shows, and undoing it gives the face back."""

from __future__ import annotations

import numpy as np
import pytest

from realtime.face import mesh
from realtime.face.pose import find_head
from tests.realtime.face.faces import filmed, head, showing

POSES = [
    (0, 0, 0),
    (30, 0, 0),
    (-45, 10, 0),
    (0, -25, 0),
    (10, 20, 40),
    (0, 0, -170),
    (20, -15, 90),
]


@pytest.mark.parametrize(("yaw", "pitch", "roll"), POSES)
@pytest.mark.parametrize("unit", [12.0, 100.0, 900.0])
def test_from_the_face_to_the_picture_and_back(yaw: float, pitch: float, roll: float, unit: float):
    true = head(yaw, pitch, roll, unit)
    face = showing()
    points = filmed(face, true).points
    got = find_head(points, mesh.canonical())
    np.testing.assert_allclose(got.to_canonical(points), face, atol=2e-3)
    assert got.scale == pytest.approx(unit, rel=1e-3)
    np.testing.assert_allclose(got.rotation, true.rotation, atol=2e-3)
    np.testing.assert_allclose(got.origin, true.origin, atol=2e-3 * unit)


@pytest.mark.parametrize(("yaw", "pitch", "roll"), POSES)
def test_a_displacement_lands_where_the_displaced_face_is_seen(
    yaw: float, pitch: float, roll: float
):
    at = head(yaw, pitch, roll)
    before, after = showing(), showing({"mouthSmile": 1.0, "browInnerUp": 1.0})
    shift = at.to_image(after - before)
    seen = filmed(after, at).points - filmed(before, at).points
    np.testing.assert_allclose(shift, seen[:, :2], atol=1e-2)


def test_the_angles_tell_where_the_face_looks():
    for yaw in (-30, 0, 30):
        at = head(yaw=yaw)
        assert at.yaw == pytest.approx(yaw, abs=0.01)
        nose = filmed(showing(), at).points[1, 0]
        assert np.sign(round(nose - 320)) == np.sign(yaw)  # positive: the picture's right
    down, up = head(pitch=20), head(pitch=-20)
    assert down.pitch == pytest.approx(20, abs=0.01)
    nose_down, nose_up = (filmed(showing(), at).points[1, 1] for at in (down, up))
    assert nose_down > nose_up


@pytest.mark.parametrize(
    "shows", [{"mouthSmile": 1.0}, {"jawOpen": 1.0}, {"browDown": 1.0}, {"eyeBlink": 1.0}]
)
def test_an_expression_is_not_taken_for_a_movement_of_the_head(shows: dict[str, float]):
    true = head(15, 5, 10)
    got = find_head(filmed(showing(shows), true).points, mesh.canonical())
    assert got.yaw == pytest.approx(true.yaw, abs=1.5)
    assert got.pitch == pytest.approx(true.pitch, abs=1.5)
    assert got.scale == pytest.approx(true.scale, rel=0.02)
    np.testing.assert_allclose(got.origin, true.origin, atol=2)


def test_a_little_noise_turns_the_head_little():
    true = head(20, -10, 5)
    points = filmed(showing(), true).points
    noise = np.random.default_rng(0).normal(0, 0.5, points.shape).astype(np.float32)
    got = find_head(points + noise, mesh.canonical())
    np.testing.assert_allclose(got.rotation, true.rotation, atol=0.01)


def test_a_face_is_never_taken_for_its_mirror_image():
    """Depth is the weakest of what MediaPipe tells; were it reversed, a mirror would fit best."""
    hollow = filmed(showing(), head(10, 5, 0)).points * np.array([1, 1, -1], np.float32)
    assert np.linalg.det(find_head(hollow, mesh.canonical()).rotation) == pytest.approx(1, abs=1e-3)

"""Irises keep their shape while lids move; lids that close do so without a tear."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from realtime.face import eyes, furrows, mesh
from realtime.face.motion import Canvas, Motion
from realtime.face.renderer import Renderer
from realtime.picture import from_rgb
from realtime.types import Floats, Pixels
from tests.realtime.face.faces import filmed, head, showing

CENTRES = (468, 473)
AT = head(yaw=5, roll=4, unit=120)


def moved_by(**shows: float) -> Motion:
    before, after = filmed(showing(), AT).points, filmed(showing(shows), AT).points
    points = np.concatenate([before[:, :2], mesh.ring(before)])
    shift = np.zeros_like(points)
    shift[: mesh.POINTS] = (after - before)[:, :2]
    return Motion(points, shift, np.zeros(len(furrows.FURROWS), np.float32))


def pupils(points: Floats, size: float) -> Pixels:
    """Two black discs on white, each ``size`` of its iris."""
    picture = np.full((4 * 480, 4 * 640, 3), 255, np.uint8)
    for centre in CENTRES:
        width = np.linalg.norm(points[centre + 1] - points[centre + 3]) / 2
        x, y = ((points[centre] + 0.5) * 4).round().astype(int)
        cv2.circle(picture, (int(x), int(y)), round(4 * size * float(width)), (0, 0, 0), -1)
    small = cv2.resize(picture, (640, 480), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def roundness(picture: Pixels, at: Floats) -> float:
    """Return height over width of the dark disc around a point."""
    x, y = at.round().astype(int)
    part = 255.0 - picture[y - 25 : y + 26, x - 25 : x + 26, 1]
    rows, columns = np.mgrid[0:51, 0:51]
    total = part.sum()
    tall, wide = (
        (part * (c - (part * c).sum() / total) ** 2).sum() / total for c in (rows, columns)
    )
    return float(np.sqrt(tall / wide))


@pytest.mark.parametrize(
    "shows",
    [
        {"eyeWide": 1.0},
        {"eyeSquint": 0.6},
        {"cheekSquint": 1.0},
        {"eyeBlink": 0.15},
        {"browDown": 1.2},
    ],
)
def test_a_pupil_stays_round(shows: dict[str, float]):
    motion = moved_by(**shows)
    assert np.abs(motion.shift).max() > 1
    picture = pupils(motion.points, 0.35)
    after = Renderer()(Canvas(from_rgb(picture), (motion,))).planes[0]
    for centre in CENTRES:
        before = roundness(picture, motion.points[centre])
        assert roundness(after, motion.points[centre]) == pytest.approx(before, rel=0.08)


def test_the_lids_move_all_the_same():
    for name, sign in (("eyeWide", -1), ("eyeBlink", 1)):
        motion = moved_by(**{name: 1.0})
        assert sign * motion.shift[159, 1] > 2
        _, inside = eyes.insides_moved(motion.points, motion.shift)
        assert np.abs(inside).max() < (0.5 if sign < 0 else abs(motion.shift[159, 1]))


def test_an_iris_that_lids_half_hide_is_drawn_out_with_them_and_a_whole_one_is_not():
    narrow = filmed(showing({"eyeBlink": 0.55}), AT).points
    for before, least in ((narrow, 0.4), (filmed(showing(), AT).points, 0.0)):
        points = np.concatenate([before[:, :2], mesh.ring(before)])
        shift = np.zeros_like(points)
        shift[159, 1] = -4.0
        _, inside = eyes.insides_moved(points, shift)
        upper = mesh.RIGHT_EYE.index(159)
        assert least * 4 <= -inside[upper, 1] <= (least + 0.25) * 4


def test_the_lid_of_a_narrow_eye_opens_without_a_notch():
    """An iris is taller than a narrow eye; what lies above its lid must not stay with it."""
    before = filmed(showing({"eyeBlink": 0.7}), AT).points
    assert before[470, 1] < before[159, 1]
    after = before.copy()
    after[[i for i in mesh.RIGHT_EYE if before[i, 1] <= before[33, 1]], 1] -= 8
    after[[27, 28, 29, 30, 56], 1] -= 8
    points = np.concatenate([before[:, :2], mesh.ring(before)])
    shift = np.zeros_like(points)
    shift[: mesh.POINTS] = (after - before)[:, :2]
    picture = np.full((480, 640, 3), 220, np.uint8)
    loop = before[list(mesh.RIGHT_EYE), :2].round().astype(np.int32)
    cv2.fillPoly(picture, [loop], (30, 30, 30))
    furrow = np.zeros(len(furrows.FURROWS), np.float32)
    opened = Renderer()(Canvas(from_rgb(picture), (Motion(points, shift, furrow),))).planes[0]
    x = int(before[159, 0])
    columns = opened[: int(before[159, 1]) + 1, x - 6 : x + 7, 1] < 125
    tops = columns.argmax(axis=0)
    assert columns.any(axis=0).all(), "skin was left in the open eye"
    assert np.ptp(tops[4:9]) <= 1, "a notch above the pupil"
    assert (before[159, 1] - tops[4:9] > 5).all()


def test_lids_that_close_push_the_inside_before_they_pass_it():
    for amount in np.linspace(0, 1, 11):
        motion = moved_by(eyeBlink=float(amount))
        after = motion.points + motion.shift
        inside = np.add(*eyes.insides_moved(motion.points, motion.shift))
        upper = [i for i, lid in enumerate(mesh.RIGHT_EYE) if lid in (159, 158, 160)]
        lids = after[[mesh.RIGHT_EYE[i] for i in upper], 1]
        assert (inside[upper, 1] > lids).all(), "the mesh folds: a tear"


def test_a_face_at_rest_moves_no_eye():
    motion = moved_by()
    assert not eyes.insides_moved(motion.points, motion.shift)[1].any()


def test_eyes_and_skin_cover_the_face_once():
    flat = mesh.canonical_with_ring()
    every = np.concatenate([flat, eyes.insides(flat)]).astype(np.float64)

    def area(triangles: np.ndarray[tuple[int, ...], np.dtype[np.int32]]) -> float:
        a, b, c = (every[triangles[:, i]] for i in range(3))
        u, v = b - a, c - a
        return float(np.abs(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]).sum() / 2)

    assert area(eyes.triangles()) == pytest.approx(area(mesh.triangles()), rel=0.01)
    assert set(range(514, 546)) <= set(eyes.triangles().ravel().tolist())

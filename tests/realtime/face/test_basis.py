"""Each of ARKit's 52 coefficients moves what its name says, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from realtime.face import basis, mesh
from realtime.types import Floats

UNMOVING = {"jawForward", "tongueOut"} | {n for n in basis.ARKIT if n.startswith("eyeLook")}
PAIRS = [n.removesuffix("Left") for n in basis.ARKIT if n.endswith("Left")]
MIDLINE = [n for n in basis.ARKIT if not n.endswith(("Left", "Right"))]

NOSTRILS = (98, 327, 97, 326, 2, 4, 1)
IRISES = list(mesh.IRISES)
RIGHT_CORNER, LEFT_CORNER = 61, 291


def shape(name: str) -> Floats:
    return basis.displacements()[basis.INDEX[name]]


def both(name: str) -> Floats:
    return shape(name + "Left") + shape(name + "Right")


def mirrored(moves: Floats) -> Floats:
    return moves[mesh.MIRROR] * np.array([-1, 1, 1], np.float32)


def most(moves: Floats, points: Sequence[int]) -> float:
    return float(np.linalg.norm(moves[list(points)], axis=1).max())


def test_the_names_and_their_order_are_those_that_other_tools_use():
    assert len(basis.ARKIT) == len(set(basis.ARKIT)) == 52
    assert list(basis.ARKIT) == sorted(basis.ARKIT)
    assert {"browInnerUp", "jawOpen", "mouthSmileLeft", "eyeBlinkRight"} <= set(basis.ARKIT)
    assert all(stem + "Right" in basis.INDEX for stem in PAIRS)
    assert basis.displacements().shape == (52, 478, 3)


@pytest.mark.parametrize("name", sorted(set(basis.ARKIT) - UNMOVING))
def test_a_shape_moves_the_face_by_a_natural_size(name: str):
    size = np.linalg.norm(shape(name), axis=1)
    assert 0.015 < size.max() < 0.45
    assert np.isfinite(size).all()


@pytest.mark.parametrize("name", sorted(UNMOVING))
def test_what_a_warp_cannot_show_moves_nothing(name: str):
    assert not shape(name).any()


@pytest.mark.parametrize("stem", PAIRS)
def test_left_and_right_mirror_each_other(stem: str):
    np.testing.assert_allclose(mirrored(shape(stem + "Left")), shape(stem + "Right"), atol=2e-3)


@pytest.mark.parametrize("name", MIDLINE)
def test_a_shape_without_a_side_is_symmetric(name: str):
    np.testing.assert_allclose(mirrored(shape(name)), shape(name), atol=2e-3)


@pytest.mark.parametrize(
    "stem", [s for s in PAIRS if not s.startswith(("jaw", "mouth", "eyeLook"))]
)
def test_left_is_the_subjects_left_and_moves_no_other_side(stem: str):
    """The subject's left is the picture's right, where x grows."""
    left = np.linalg.norm(shape(stem + "Left"), axis=1)
    other = mesh.canonical()[:, 0] < -0.15
    assert left[other].max() < 1e-3
    assert left[mesh.canonical()[:, 0] > 0.15].max() > 0.01


def test_a_smile_lifts_and_widens_the_corners():
    smile = both("mouthSmile")
    for corner, outwards in ((RIGHT_CORNER, -1), (LEFT_CORNER, 1)):
        assert smile[corner, 0] * outwards > 0.05
        assert smile[corner, 1] < -0.05  # y grows downwards


@pytest.mark.parametrize("stem", ["mouthSmile", "mouthFrown", "mouthStretch", "mouthDimple"])
def test_the_mouth_leaves_eyes_and_nostrils_alone(stem: str):
    assert most(both(stem), IRISES + list(mesh.RIGHT_EYE + mesh.LEFT_EYE)) < 0.004
    assert most(both(stem), NOSTRILS) < 0.004


@pytest.mark.parametrize("stem", ["browDown", "browOuterUp"])
def test_the_brows_leave_eyes_and_mouth_alone(stem: str):
    assert most(both(stem), IRISES) < 0.004
    assert most(both(stem), [RIGHT_CORNER, LEFT_CORNER, 13, 14, 0, 17]) < 0.001


@pytest.mark.parametrize("stem", ["eyeBlink", "eyeWide", "eyeSquint", "cheekSquint"])
def test_lids_move_over_an_iris_that_stays(stem: str):
    assert most(both(stem), IRISES) < 0.006
    assert most(both(stem), (33, 133, 263, 362)) < 0.015  # the corners of the eyes


def test_the_outline_moves_only_with_the_jaw():
    outline = list(mesh.OVAL)
    for name in set(basis.ARKIT) - {"jawOpen", "jawLeft", "jawRight"}:
        assert most(shape(name), outline) < 0.02, name
    assert shape("jawOpen")[152, 1] > 0.1


def test_nothing_moves_in_depth():
    assert not basis.displacements()[..., 2].any()


def test_a_blink_closes_the_eye():
    face, shut = mesh.canonical(), mesh.canonical() + both("eyeBlink")
    for upper, lower in mesh.LIDS_RIGHT[:3] + mesh.LIDS_LEFT[:3]:
        assert shut[lower, 1] - shut[upper, 1] < 0.35 * (face[lower, 1] - face[upper, 1])


def test_brows_go_the_way_their_names_say():
    assert both("browDown")[[107, 336], 1].min() > 0.04
    assert shape("browInnerUp")[[107, 336], 1].max() < -0.04
    assert both("browOuterUp")[[70, 300], 1].max() < -0.04
    inner, outer = (abs(shape("browInnerUp")[p, 1]) for p in (107, 70))
    assert inner > 3 * outer

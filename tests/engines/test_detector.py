"""Many boxes become one face each, surest first."""

from __future__ import annotations

import pytest

from engines.landmarks.detector import Detection, anchors, decode
from engines.landmarks.region import Region, whole
from tests.engines.landmarks_fakes import boxes

SCENE = whole(128, 128)


def faces(*found: tuple[float, float, float, float], seen: Region = SCENE) -> list[Detection]:
    raw = boxes(*found)
    return decode(raw["boxes"][0], raw["scores"][0, :, 0], seen)


def test_there_is_an_anchor_for_each_box_and_they_cover_the_picture():
    assert anchors().shape == (896, 2)
    assert anchors()[0].tolist() == [4, 4]
    assert anchors()[511].tolist() == [124, 124]
    assert anchors()[512].tolist() == [8, 8]


def test_a_box_is_a_square_half_as_wide_again():
    (face,) = faces((40, 60, 20, 0.9))
    assert face.score == pytest.approx(0.9)
    assert (face.region.x, face.region.y) == pytest.approx((40, 60))
    assert face.region.side == pytest.approx(30)


def test_a_weak_box_is_no_face():
    assert faces((40, 60, 20, 0.49)) == []


def test_boxes_of_one_face_are_weighed_by_how_sure_they_are():
    (face,) = faces((40, 60, 20, 0.9), (48, 60, 20, 0.6))
    assert face.region.x == pytest.approx(43.2)
    assert face.score == pytest.approx(0.9)


def test_boxes_apart_are_different_faces_surest_first():
    found = faces((20, 60, 20, 0.6), (100, 60, 20, 0.8))
    assert [round(face.region.x) for face in found] == [100, 20]


def test_a_face_is_found_in_the_pictures_own_pixels():
    """1280x720 is seen as a square with bars above and below."""
    (face,) = faces((64, 64, 12.8, 0.9), seen=whole(1280, 720))
    assert (face.region.x, face.region.y) == pytest.approx((640, 360))
    assert face.region.side == pytest.approx(192)

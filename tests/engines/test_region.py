"""The square that is looked at lies where the face is, turned like it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engines.landmarks.region import Region, around_detection, around_points, overlap, whole


def test_the_square_around_a_detection_is_half_as_wide_again_as_its_longer_side():
    box = np.array([10, 20, 50, 80], np.float32)
    region = around_detection(box, np.array([[20, 40], [40, 40]], np.float32))
    assert (region.x, region.y, region.side, region.angle) == (30, 50, 90, 0)


@pytest.mark.parametrize("degrees", [-170, -30, 0, 45, 120])
def test_the_square_around_points_turns_with_the_eyes(degrees: float):
    points = np.zeros((478, 3), np.float32)
    points[33, :2] = (100, 100)
    turn = math.radians(degrees)
    points[263, :2] = (100 + 40 * math.cos(turn), 100 + 40 * math.sin(turn))
    points[(points[:, :2] == 0).all(axis=1)] = (110, 100, 0)
    assert math.degrees(around_points(points).angle) == pytest.approx(degrees, abs=1e-3)


def test_corners_of_the_crop_are_corners_of_the_square():
    region = Region(100, 60, 40, math.pi / 2)
    matrix = region.matrix(192)
    corners = np.array([[0, 0, 1], [192, 0, 1], [192, 192, 1], [0, 192, 1]]) @ matrix.T
    # A quarter turn clockwise brings the upper left corner to the upper right.
    np.testing.assert_allclose(corners, [[120, 40], [120, 80], [80, 80], [80, 40]], atol=1e-9)


def test_a_whole_picture_is_seen_with_what_it_lacks_on_both_sides():
    assert whole(640, 480) == Region(320, 240, 640, 0)


def test_overlap_is_the_share_of_both():
    one = Region(10, 10, 10, 0)
    assert overlap(one, one) == pytest.approx(1)
    assert overlap(one, Region(15, 10, 10, 0)) == pytest.approx(50 / 150)
    assert overlap(one, Region(10, 10, 5, 1)) == pytest.approx(25 / 100)
    assert overlap(one, Region(30, 10, 10, 0)) == 0


@pytest.mark.parametrize(
    "region", [Region(math.nan, 0, 10, 0), Region(0, 0, 0, 0), Region(0, 0, math.inf, 0)]
)
def test_a_square_that_shows_nothing_is_known_as_such(region: Region):
    assert not region.is_sound()

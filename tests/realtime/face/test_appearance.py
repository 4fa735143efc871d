"""A covered face no longer looks like itself; one in another light, or that moves, does."""

from __future__ import annotations

import numpy as np

from realtime.face.appearance import Appearance
from realtime.types import Pixels
from tests import portrait

PERIOD = portrait.PERIOD


def known() -> Appearance:
    """A memory of the portrait, half a second old."""
    looks = Appearance()
    for seq in range(15):
        see(looks, portrait.photograph(), seq)
    return looks


def see(looks: Appearance, picture: Pixels, seq: int = 15) -> float:
    return looks(picture[..., 1], portrait.found().points, seq * PERIOD)


def covered(rows: slice, columns: slice = slice(0, 640)) -> Pixels:
    """The portrait with something flat and skin-coloured before it."""
    picture = portrait.photograph().copy()
    grain = np.random.default_rng(0).integers(-6, 7, picture[rows, columns].shape)
    picture[rows, columns] = np.array([190, 150, 130]) + grain
    return picture


def lit(gain: float, lift: float) -> Pixels:
    return np.clip(portrait.photograph() * gain + lift, 0, 255).astype(np.uint8)


def test_the_first_sighting_and_the_same_again_are_familiar():
    assert see(Appearance(), portrait.photograph()) == 1
    assert see(known(), portrait.photograph()) > 0.98
    assert see(known(), portrait.noisy(portrait.photograph(), 0, 5)) > 0.9


def test_a_hand_before_the_lower_face_or_the_eyes_is_noticed():
    below, eyes = slice(270, 440), slice(150, 250)
    assert see(known(), covered(below)) < 0.4
    assert see(known(), covered(eyes)) < 0.2
    assert see(known(), covered(eyes, slice(0, 320))) < 0.45


def test_a_hand_before_the_mouth_alone_is_noticed():
    mouth = portrait.found().points[[61, 291, 0, 17], :2]
    (left, top), (right, bottom) = mouth.min(axis=0).astype(int), mouth.max(axis=0).astype(int)
    hand = covered(slice(top - 12, bottom + 12), slice(left - 20, right + 20))
    assert see(known(), hand) < 0.45


def test_another_light_is_not_a_hand():
    for gain, lift in ((0.5, 0), (1.0, 40), (0.7, 50), (1.2, -30)):
        assert see(known(), lit(gain, lift)) > 0.75


def test_an_expression_is_not_a_hand():
    for shows in ({"browDown": 1.0}, {"browInnerUp": 1.0, "eyeWide": 1.0}, portrait.REST):
        assert see(known(), portrait.act(shows, lips=0.6)) > 0.6


def test_a_hand_that_stays_for_seconds_does_not_become_the_face():
    looks = known()
    hand = covered(slice(270, 440))
    scores = [see(looks, hand, 15 + i) for i in range(90)]
    assert max(scores) < 0.55
    assert see(looks, portrait.photograph(), 106) > 0.7


def test_points_outside_the_picture_do_no_harm():
    looks = Appearance()
    points = portrait.found().points + 500
    assert looks(portrait.photograph()[..., 1], points.astype(np.float32), 0) == 1
    assert 0 <= looks(portrait.photograph()[..., 1], points.astype(np.float32), PERIOD) <= 1

"""The way back to a face that its owner showed at rest."""

from __future__ import annotations

import numpy as np

from realtime.face import basis
from realtime.face.resting import MOST_POSES, Given, way_back
from realtime.types import Floats
from tests.realtime.face.faces import showing

REST = showing()
BROWS = [105, 334]
CORNERS = [61, 291]
ALL = (1.0, 1.0)


def off(**shows: float) -> Floats:
    return showing(shows) - REST


def learnt(given: Given, *faces: Floats) -> Floats | None:
    for face in faces:
        given.say(True)
        given.learn(face)
    given.say(False)
    return given.points


def test_nothing_is_given_until_somebody_says_so():
    given = Given()
    given.learn(REST)
    assert given.points is None


def test_a_blink_while_it_was_shown_is_no_part_of_the_rest():
    faces = [REST] * 5 + [showing({"eyeBlink": 1.0})] * 3 + [REST] * 5
    points = learnt(Given(), *faces)
    assert points is not None
    np.testing.assert_allclose(points, REST, atol=1e-6)


def test_to_say_it_again_begins_anew_and_other_pictures_change_nothing():
    given = Given()
    learnt(given, *[showing({"mouthSmile": 1.0})] * 9)
    given.learn(showing({"jawOpen": 1.0}))
    points = learnt(given, REST, REST)
    assert points is not None
    np.testing.assert_allclose(points, REST, atol=1e-6)


def test_who_keeps_saying_it_costs_no_more_and_more():
    given = Given()
    points = learnt(given, *[REST] * MOST_POSES, *[showing({"mouthSmile": 1.0})] * 3 * MOST_POSES)
    assert points is not None
    np.testing.assert_allclose(points, REST, atol=1e-6)


def test_all_that_a_face_does_leads_back_though_it_has_no_name():
    strange = off(mouthSmile=0.6)
    strange[BROWS] += (0.03, -0.05, 0.0)  # no coefficient moves two points alone
    way = way_back(strange, np.zeros_like(REST), ALL)
    np.testing.assert_allclose((strange + way.moves)[[*BROWS, *CORNERS], :2], 0.0, atol=0.01)
    np.testing.assert_allclose(way.plain, ALL, atol=1e-5)


def test_what_is_wanted_anyway_stays_and_so_does_its_light():
    smile = off(mouthSmile=0.5)
    wanted = np.tensordot(np.ones(2), basis.displacements()[basis.both("mouthSmile")], axes=1)
    way = way_back(smile, wanted.astype(np.float32), ALL)
    assert np.abs(way.moves).max() < 0.01
    assert way.plain[1] < 0.1


def test_an_open_jaw_is_speech_and_stays():
    way = way_back(off(jawOpen=0.7), np.zeros_like(REST), ALL)
    assert np.abs(way.moves).max() < 0.05 * np.abs(off(jawOpen=0.7)).max() + 0.02


def test_brows_and_mouth_go_back_by_their_own_shares():
    both = off(browInnerUp=1.0, mouthSmile=1.0)
    way = way_back(both, np.zeros_like(REST), (0.0, 0.5))
    assert np.abs(way.moves[BROWS]).max() < 1e-6
    np.testing.assert_allclose(way.moves[CORNERS, :2], -0.5 * both[CORNERS, :2], atol=0.01)
    assert way.plain[0] == 0
    still = way_back(both, np.zeros_like(REST), (0.0, 0.0))
    assert not still.moves.any()
    assert still.plain == (0.0, 0.0)

"""Lips that are closed stay closed, speech goes before the edit, and a blink goes before both."""

from __future__ import annotations

import numpy as np
import pytest

from realtime.face import basis, mesh
from realtime.face.animator import Animator
from realtime.face.emotion import wish
from realtime.face.guard import LidGuard, LipGuard, opening
from realtime.face.motion import Pose
from realtime.types import Edit, Emotion, Floats, Landmarks
from tests.realtime.face.faces import LOWER, PERIOD, UPPER, filmed, head, showing

SHOWN = [emotion for emotion in Emotion if emotion is not Emotion.NEUTRAL]


def gap(points: Floats) -> Floats:
    return points[LOWER, 1] - points[UPPER, 1]


def moved(face: Landmarks, edit: Edit) -> Floats:
    """Return [478, 2]: what a photograph's edit adds, in pixels (100 to an eye distance)."""
    motions = Animator(still=True)(Pose((face,), edit, face.captured)).motions
    return motions[0].shift[:478] if motions else np.zeros((478, 2), np.float32)


@pytest.mark.parametrize("emotion", Emotion)
@pytest.mark.parametrize("intensity", [-1.0, 0.5, 1.5])
def test_closed_lips_stay_closed(emotion: Emotion, intensity: float):
    face = filmed(showing(lips=0.0))
    shift = moved(face, Edit(emotion, intensity))
    np.testing.assert_allclose(shift[UPPER, 1], shift[LOWER, 1], atol=0.01)


@pytest.mark.parametrize("emotion", SHOWN)
def test_closed_lips_stay_closed_on_a_head_that_leans(emotion: Emotion):
    at = head(15, 5, 90)  # up is to the side now
    shift = moved(filmed(showing(lips=0.0), at), Edit(emotion))
    straight = moved(filmed(showing(lips=0.0)), Edit(emotion))
    assert np.abs(shift).max() > 0.5 * np.abs(straight).max()
    np.testing.assert_allclose(shift[UPPER, 0], shift[LOWER, 0], atol=0.35)


@pytest.mark.parametrize("emotion", Emotion)
def test_the_lips_open_and_close_as_the_speaker_does(emotion: Emotion):
    rng = np.random.default_rng(0)
    film = 0.12 * np.clip(np.convolve(rng.normal(0, 1.5, 90), np.ones(4) / 4, "same"), 0, 1.5)
    animator = Animator()
    before: list[float] = []
    after: list[float] = []
    for seq, lips in enumerate(film):
        face = filmed(showing(lips=float(lips)), seq=seq)
        motions = animator(Pose((face,), Edit(emotion), face.captured)).motions
        shift = motions[0].shift[:478] if motions else np.zeros((478, 2), np.float32)
        before.append(float(gap(face.points)[:3].mean()))
        after.append(float(gap(face.points[:, :2] + shift)[:3].mean()))
    assert np.corrcoef(before, after)[0, 1] >= 0.98
    closed = np.array(before) < 0.5
    assert closed.sum() > 20
    assert np.array(after)[closed].max() < 1.5  # pixels of a hundred between the eyes


def test_only_lips_that_are_open_are_opened_wider():
    faces = [showing(lips=lips) for lips in (0.0, 0.02, 0.1, 0.2, 2.0)]
    wider = [opening(0.5, face, face) for face in faces]
    assert wider[:2] == [0, 0]
    assert 0 < wider[2] <= wider[3] <= wider[4] < 1
    assert opening(0.0, faces[3], faces[3]) == 0
    assert opening(-1.0, faces[3], faces[3]) == 0


def test_lips_that_have_just_met_are_not_held_open():
    assert opening(0.5, showing(lips=0.1), showing(lips=0.0)) == 0


def test_what_the_lips_do_sideways_and_together_is_kept():
    rng = np.random.default_rng(0)
    moves = rng.normal(0, 0.05, (478, 3)).astype(np.float32)
    kept = LipGuard().keep_aperture(moves, showing())
    np.testing.assert_array_equal(kept[:, 0], moves[:, 0])
    together = (kept[LOWER, 1] + kept[UPPER, 1]) / 2
    np.testing.assert_allclose(together, (moves[LOWER, 1] + moves[UPPER, 1]) / 2, atol=1e-6)


def test_lips_that_come_nearer_do_so_by_the_same_share_and_meet_as_before():
    apart = [0.0, 0.02, 0.05, 0.15, 0.3]
    faces = [showing(lips=lips) for lips in apart]
    still = np.zeros((478, 3), np.float32)
    left = [gap(face + LipGuard().keep_aperture(still, face, nearer=0.4)).mean() for face in faces]
    np.testing.assert_allclose(left[:3], apart[:3], atol=1e-5)
    assert left[4] - left[3] == pytest.approx(0.6 * (apart[4] - apart[3]), abs=1e-5)


def test_what_is_taken_off_a_mouth_does_not_yield_to_speech():
    guard = LipGuard()
    delta = np.full(52, -0.5, np.float32)
    for i in range(30):
        left = guard.yielding(delta, showing(lips=0.15 * (i % 2)), i * PERIOD)
        np.testing.assert_array_equal(left, delta)


def yielded(lips: Floats) -> Floats:
    """Return the mouth's share of the edit that is left after each frame."""
    guard = LipGuard()
    delta = np.ones(52, np.float32)
    left = [guard.yielding(delta, showing(lips=float(x)), i * PERIOD) for i, x in enumerate(lips)]
    return np.array([values[basis.INDEX["mouthSmileLeft"]] for values in left], np.float32)


def test_the_mouth_yields_while_the_speaker_speaks_and_takes_over_in_pauses():
    words = 0.08 * (1 + np.sin(np.arange(60) * 1.5))
    film = np.concatenate([np.zeros(30), words, np.zeros(60)]).astype(np.float32)
    left = yielded(film)
    assert left[29] == 1
    assert left[60:90].max() < 0.95
    assert left[-1] > 0.99
    assert np.abs(np.diff(left)).max() < 0.15, "the mouth jumps when speech begins or ends"


def test_speech_does_not_touch_the_brows():
    guard = LipGuard()
    delta = wish(Edit(Emotion.ANGRY)).add
    left = [guard.yielding(delta, showing(lips=0.15 * (i % 2)), i * PERIOD) for i in range(30)]
    brows = [i for name, i in basis.INDEX.items() if name.startswith("brow")]
    np.testing.assert_array_equal(left[-1][brows], delta[brows])


def test_a_blink_lets_go_of_the_lids_and_of_nothing_else():
    guard = LidGuard()
    delta = wish(Edit(Emotion.SURPRISE)).add
    lid = basis.INDEX["eyeWideLeft"]
    kept = {x: guard(delta, showing({"eyeBlink": x})) for x in (0.0, 0.4, 1.1)}
    assert kept[0.0][lid] == delta[lid]
    assert kept[1.1][lid] < 0.1 * delta[lid]
    others = [i for n, i in basis.INDEX.items() if not n.startswith("eye")]
    np.testing.assert_array_equal(kept[1.1][others], delta[others])


def test_a_wink_is_one_eye_only():
    guard = LidGuard()
    delta = wish(Edit(Emotion.SURPRISE)).add
    guard(delta, showing())
    wink = guard(delta, showing({"eyeBlinkRight": 1.1}))
    assert wink[basis.INDEX["eyeWideLeft"]] == delta[basis.INDEX["eyeWideLeft"]]
    assert wink[basis.INDEX["eyeWideRight"]] < 0.1 * delta[basis.INDEX["eyeWideRight"]]


def test_lids_that_open_on_their_way_to_rest_go_further_and_others_do_not():
    guard = LidGuard()
    guard(np.zeros(len(basis.ARKIT), np.float32), showing())
    opening, closing = np.zeros((2, mesh.POINTS, 3), np.float32)
    opening[[145, 374, 50], 1] = 0.03
    closing[[159, 386, 50], 1] = 0.03
    opened, closed = guard.let_go(opening), guard.let_go(closing)
    assert (opened[[145, 374], 1] > 0.04).all()
    np.testing.assert_array_equal(opened[50], opening[50])
    np.testing.assert_array_equal(closed, closing)


@pytest.mark.parametrize("emotion", SHOWN)
def test_a_closed_eye_stays_closed(emotion: Emotion):
    animator = Animator()
    film = [0.0] * 6 + [0.6, 1.15, 1.15]
    faces = [filmed(showing({"eyeBlink": blink}), seq=seq) for seq, blink in enumerate(film)]
    seen = [animator(Pose((face,), Edit(emotion, 1.5), face.captured)) for face in faces]
    shift = seen[-1].motions[0].shift
    for upper, lower in ((159, 145), (386, 374)):
        assert shift[lower, 1] - shift[upper, 1] < 1.5

"""What an edit asks of a face, told by where it moves the mesh; the recipes' numbers may change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from realtime.face import basis
from realtime.face.emotion import CIRCUMPLEX, Wish, around, wish
from realtime.types import Edit, Emotion, Floats

SHOWN = [emotion for emotion in Emotion if emotion is not Emotion.NEUTRAL]

CORNERS, INNER_BROWS, OUTER_BROWS = (61, 291), (107, 336), (70, 300)
UPPER_LIDS, LOWER_LIDS, UPPER_LIP, WINGS = (159, 386), (145, 374), (37, 267), (48, 278)


def everything(asked: Wish) -> Floats:
    return np.concatenate([asked.add, asked.calm, asked.shade])


def moved(edit: Edit) -> Floats:
    """Return [478, 2] in eye distances, x to the subject's left, y up, on a face at rest."""
    return np.tensordot(wish(edit).add, basis.displacements(), axes=1)[:, :2] * [1, -1]


def up(edit: Edit, points: tuple[int, ...]) -> float:
    return float(moved(edit)[list(points), 1].mean())


def opening(edit: Edit) -> float:
    return up(edit, UPPER_LIDS) - up(edit, LOWER_LIDS)


def test_happy_lifts_the_corners_of_the_mouth_outwards():
    edit = Edit(Emotion.HAPPY)
    assert up(edit, CORNERS) > 0.05
    assert moved(edit)[291, 0] > 0.05
    assert moved(edit)[61, 0] < -0.05


def test_sad_lowers_the_corners_and_lifts_the_inner_brows():
    edit = Edit(Emotion.SAD)
    assert up(edit, CORNERS) < -0.04
    assert up(edit, INNER_BROWS) > 0.03
    assert up(edit, INNER_BROWS) > up(edit, OUTER_BROWS) + 0.02


def test_angry_lowers_and_draws_together_the_brows():
    edit = Edit(Emotion.ANGRY)
    assert up(edit, INNER_BROWS) < -0.05
    assert moved(edit)[336, 0] < 0 < moved(edit)[107, 0]


@pytest.mark.parametrize("emotion", [Emotion.FEAR, Emotion.SURPRISE])
def test_fear_and_surprise_lift_the_brows_and_widen_the_eyes(emotion: Emotion):
    edit = Edit(emotion)
    assert up(edit, INNER_BROWS) > 0.04
    assert opening(edit) > 0.02


def test_disgust_lifts_nose_and_upper_lip():
    edit = Edit(Emotion.DISGUST)
    assert up(edit, WINGS) > 0.02
    assert up(edit, UPPER_LIP) > 0.02
    assert up(edit, INNER_BROWS) < 0


def test_contempt_is_one_sided():
    sides = np.abs(moved(Edit(Emotion.CONTEMPT))[list(CORNERS)]).sum(axis=1)
    assert sides.max() > 0.05
    assert sides.min() < 0.2 * sides.max()


def test_neutral_asks_for_nothing_and_takes_expression_away():
    asked = wish(Edit(Emotion.NEUTRAL))
    assert not asked.add.any()
    assert asked.calm[basis.INDEX["mouthSmileLeft"]] == 1
    assert asked.calm[basis.INDEX["browDownRight"]] == 1
    assert asked.calm[basis.INDEX["jawOpen"]] == 0  # that is speech
    assert asked.calm[basis.INDEX["eyeBlinkLeft"]] == 0


@pytest.mark.parametrize("emotion", Emotion)
def test_no_intensity_is_no_edit(emotion: Emotion):
    assert not everything(wish(Edit(emotion, 0.0))).any()


def test_no_emotion_is_no_edit():
    assert not everything(wish(Edit())).any()
    assert not everything(wish(Edit(affect=(0.0, 0.0)))).any()
    assert not everything(wish(Edit(affect=(0.5, 0.5), intensity=0.0))).any()


@pytest.mark.parametrize("emotion", SHOWN)
def test_more_intensity_moves_further_the_same_way(emotion: Emotion):
    half, one, more = (moved(Edit(emotion, x)) for x in (0.5, 1.0, 1.5))
    np.testing.assert_allclose(half * 2, one, atol=1e-6)
    np.testing.assert_allclose(more / 1.5, one, atol=1e-6)


@pytest.mark.parametrize("emotion", Emotion)
def test_intensity_changes_the_edit_without_a_jump(emotion: Emotion):
    steps = [everything(wish(Edit(emotion, x))) for x in np.arange(-1, 1.5, 0.01)]
    assert max(np.abs(np.diff(steps, axis=0)).max(axis=1)) < 0.05


@pytest.mark.parametrize(
    ("emotion", "points"),
    [
        (Emotion.HAPPY, CORNERS),
        (Emotion.SAD, CORNERS),
        (Emotion.SAD, INNER_BROWS),
        (Emotion.ANGRY, INNER_BROWS),
        (Emotion.FEAR, INNER_BROWS),
        (Emotion.SURPRISE, OUTER_BROWS),
        (Emotion.DISGUST, INNER_BROWS),
        (Emotion.CONTEMPT, (291,)),
    ],
)
def test_a_negative_intensity_is_the_opposite(emotion: Emotion, points: tuple[int, ...]):
    there, back = up(Edit(emotion, 1.0), points), up(Edit(emotion, -1.0), points)
    assert abs(there) > 0.01
    assert np.sign(back) == -np.sign(there)
    assert abs(back) > 0.15 * abs(there)


@pytest.mark.parametrize("emotion", [Emotion.SURPRISE, Emotion.FEAR])
def test_the_opposite_of_wide_eyes_is_narrow_eyes(emotion: Emotion):
    assert opening(Edit(emotion, -1.0)) < -0.01


def test_less_than_neutral_is_more_of_what_the_face_shows():
    assert wish(Edit(Emotion.NEUTRAL, -1.0)).calm[basis.INDEX["mouthSmileLeft"]] < 0


@pytest.mark.parametrize("emotion", Emotion)
@pytest.mark.parametrize(
    ("region", "stems"),
    [("brows", ("brow",)), ("eyes", ("eye",)), ("mouth", ("mouth", "jaw", "cheek", "nose"))],
)
def test_a_region_without_strength_is_left_out_and_no_other_changes(
    emotion: Emotion, region: str, stems: tuple[str, ...]
):
    of_region = np.array([name.startswith(stems) for name in basis.ARKIT])
    whole = wish(Edit(emotion))
    part = wish(replace(Edit(emotion), **{region: 0.0}))
    half = wish(replace(Edit(emotion), **{region: 0.5}))
    for of, of_part, of_half in zip(
        (whole.add, whole.calm), (part.add, part.calm), (half.add, half.calm), strict=True
    ):
        assert not of_part[of_region].any()
        np.testing.assert_allclose(of_half[of_region], of[of_region] / 2, atol=1e-6)
        np.testing.assert_array_equal(of_part[~of_region], of[~of_region])


@pytest.mark.parametrize("emotion", Emotion)
def test_without_any_strength_nothing_is_left(emotion: Emotion):
    assert not everything(wish(Edit(emotion, 1.5, brows=0.0, eyes=0.0, mouth=0.0))).any()


@pytest.mark.parametrize("emotion", CIRCUMPLEX)
def test_a_point_where_an_emotion_lies_is_that_emotion(emotion: Emotion):
    asked = wish(Edit(affect=CIRCUMPLEX[emotion])).add
    own = wish(Edit(emotion)).add
    alike = float(asked @ own / np.linalg.norm(asked) / np.linalg.norm(own))
    assert alike > 0.98
    assert np.linalg.norm(asked) > 0.8 * np.linalg.norm(own)


def test_a_point_takes_the_place_of_the_emotion():
    point = Edit(affect=(0.8, 0.35))
    np.testing.assert_array_equal(wish(replace(point, emotion=Emotion.SAD)).add, wish(point).add)


@pytest.mark.parametrize("length", [0.2, 0.7, 1.4])
def test_going_round_in_valence_and_arousal_makes_no_jump(length: float):
    turn = np.linspace(-np.pi, np.pi, 721)
    points = length * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    asked = np.stack([everything(wish(Edit(affect=(float(v), float(a))))) for v, a in points])
    assert np.abs(np.diff(asked, axis=0)).max() < 0.05
    np.testing.assert_allclose(asked[0], asked[-1], atol=1e-5)
    assert np.abs(asked).max() > 0.1


@pytest.mark.parametrize("angle", range(0, 360, 15))
def test_going_outwards_from_rest_makes_no_jump(angle: int):
    way = np.linspace(0, 1.41, 300)[:, None] * [
        np.cos(np.radians(angle)),
        np.sin(np.radians(angle)),
    ]
    asked = np.stack([everything(wish(Edit(affect=(float(v), float(a))))) for v, a in way])
    assert not asked[0].any()
    assert np.abs(np.diff(asked, axis=0)).max() < 0.05


@pytest.mark.parametrize("valence", [-1.0, 0.0, 1.0])
@pytest.mark.parametrize("arousal", [-1.0, 0.0, 1.0])
def test_the_corners_of_the_field_ask_no_more_than_an_emotion_does(valence: float, arousal: float):
    strongest = max(float(wish(Edit(e)).add.max()) for e in SHOWN)
    asked = everything(wish(Edit(affect=(valence, arousal))))
    assert np.isfinite(asked).all()
    assert wish(Edit(affect=(valence, arousal))).add.max() <= strongest + 1e-6


def test_pleasant_smiles_and_unpleasant_does_not():
    assert up(Edit(affect=(1.0, 0.3)), CORNERS) > 0.03
    assert up(Edit(affect=(-1.0, -0.5)), CORNERS) < -0.03


@pytest.mark.parametrize("angle", range(0, 360, 5))
def test_a_point_lies_between_two_emotions_whose_shares_do_not_exceed_it(angle: int):
    shares = around(float(np.cos(np.radians(angle))), float(np.sin(np.radians(angle))))
    assert len(shares) == 2
    assert all(share >= 0 for _, share in shares)
    assert sum(share for _, share in shares) <= 1 + 1e-6

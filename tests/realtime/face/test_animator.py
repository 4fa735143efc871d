"""From what a face shows to how its mesh moves: ramps, fades, a memory for each face."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from realtime.face import basis, mesh
from realtime.face.animator import Animator
from realtime.face.motion import Animation, Pose
from realtime.types import Edit, Emotion, Floats, Landmarks
from tests.realtime.face.faces import (
    LOWER,
    PERIOD,
    RESTING,
    UPPER,
    filmed,
    head,
    showing,
)

HAPPY = Edit(Emotion.HAPPY)
CORNERS = [61, 291]
SMILE: dict[str, float] = {"mouthSmile": 0.3, "cheekSquint": 0.5}


def at_rest(seq: int, track: int = 0, score: float = 1.0) -> Landmarks:
    return filmed(showing(RESTING), seq=seq, track=track, score=score)


def step(animator: Animator, seq: int, edit: Edit, *faces: Landmarks) -> Animation:
    return animator(Pose(faces, edit, seq * PERIOD))


def watch(animator: Animator, film: Iterable[int], edit: Edit, **shows: float) -> Animation:
    """Show a face for the frames of ``film``; return what came of the last."""
    outs = [step(animator, i, edit, filmed(showing({**RESTING, **shows}), seq=i)) for i in film]
    return outs[-1]


def strength(animation: Animation) -> float:
    """Return how far the corners of the mouth are moved, in pixels of a hundred an eye distance."""
    if not animation.motions:
        return 0.0
    return float(np.abs(animation.motions[0].shift[CORNERS]).max())


@pytest.mark.parametrize("edit", [Edit(), Edit(Emotion.HAPPY, 0.0), Edit(affect=(0.0, 0.0))])
def test_an_edit_that_asks_for_nothing_moves_nothing(edit: Edit):
    animator = Animator()
    assert all(step(animator, i, edit, at_rest(i)).motions == () for i in range(10))


def test_neutral_leaves_a_face_at_rest_alone():
    animator = Animator()
    outs = [step(animator, i, Edit(Emotion.NEUTRAL), at_rest(i)) for i in range(60)]
    assert max(strength(out) for out in outs) < 0.5


def test_neutral_takes_off_a_smile_once_the_rest_is_known():
    animator = Animator()
    watch(animator, range(150), Edit(Emotion.NEUTRAL))
    (motion,) = watch(animator, range(150, 170), Edit(Emotion.NEUTRAL), **SMILE).motions
    smile = filmed(showing(SMILE)).points - filmed(showing(RESTING)).points
    left = smile[CORNERS, :2] + motion.shift[CORNERS]
    assert np.linalg.norm(left) < 0.5 * np.linalg.norm(smile[CORNERS, :2])


@pytest.mark.parametrize("emotion", [Emotion.NEUTRAL, Emotion.SAD, Emotion.ANGRY])
def test_a_smile_that_was_there_from_the_start_is_taken_off_too(emotion: Emotion):
    smiling = watch(Animator(), range(90), Edit(emotion), **SMILE)
    resting = watch(Animator(), range(90), Edit(emotion))
    lower, low = (
        float(out.motions[0].shift[CORNERS, 1].mean()) if out.motions else 0.0
        for out in (smiling, resting)
    )
    assert lower - low > 4  # pixels of a hundred between the eyes


def gap_after(emotion: Emotion, shows: dict[str, float], lips: float) -> float:
    """Return how far the lips are apart after three seconds, as a share of what they were."""
    animator = Animator()
    points = showing(shows, lips=lips)
    outs = [step(animator, i, Edit(emotion), filmed(points, seq=i)) for i in range(90)]
    shift = outs[-1].motions[0].shift[:, 1] if outs[-1].motions else np.zeros(mesh.POINTS)
    return 1 + float((shift[LOWER] - shift[UPPER])[:3].mean()) / (100 * lips)


@pytest.mark.parametrize("emotion", [Emotion.NEUTRAL, Emotion.SAD])
def test_teeth_that_a_smile_uncovers_go_with_it(emotion: Emotion):
    assert 0.6 < gap_after(emotion, SMILE, 0.25) < 0.9
    assert gap_after(emotion, dict(RESTING), 0.25) == pytest.approx(1, abs=0.05)
    assert gap_after(Emotion.HAPPY, SMILE, 0.25) == pytest.approx(1, abs=0.05)


def test_the_first_picture_is_edited_like_the_second():
    animator = Animator()
    first, second = (step(animator, i, HAPPY, at_rest(i)) for i in range(2))
    assert strength(first) > 4
    assert strength(second) == pytest.approx(strength(first), rel=0.05)
    assert first.presence == 1


def test_a_chosen_emotion_comes_over_a_quarter_of_a_second():
    animator = Animator()
    watch(animator, range(10), Edit())
    way = [strength(step(animator, i, HAPPY, at_rest(i))) for i in range(10, 25)]
    assert way[0] < 0.05 * way[-1]
    assert 0.2 * way[-1] < way[4] < 0.8 * way[-1]
    assert way[8] == pytest.approx(way[-1], rel=0.05)
    assert max(np.diff(way)) < 0.3 * way[-1]


def test_a_ramp_as_long_as_the_user_says():
    animator = Animator()
    slow = Edit(Emotion.HAPPY, ramp_ms=1000)
    step(animator, 0, Edit(), at_rest(0))
    way = [strength(step(animator, i, slow, at_rest(i))) for i in range(1, 40)]
    assert way[14] < 0.65 * way[-1]


def test_the_outer_ring_never_moves():
    for yaw in (-30, 0, 20):
        face = filmed(showing(SMILE), head(yaw=yaw, roll=30))
        for emotion in set(Emotion) - {Emotion.NEUTRAL}:
            (motion,) = Animator(still=True)(Pose((face,), Edit(emotion, 1.5), 0)).motions
            assert not motion.shift[mesh.POINTS :].any()
            assert np.abs(motion.shift).max() > 2


def lost_and_found() -> Floats:
    """A face that is there for ten frames, away for fifteen, and back."""
    animator = Animator()
    out: list[float] = []
    for i in range(50):
        faces = () if 10 <= i < 25 else (at_rest(i),)
        out.append(strength(step(animator, i, HAPPY, *faces)))
    return np.array(out, np.float32)


def test_the_edit_of_a_lost_face_fades_where_it_was():
    out = lost_and_found()
    full = out[9]
    assert out[10] > 0.7 * full, "it pops off"
    assert (np.diff(out[9:18]) <= 1e-4).all()
    assert np.diff(out[9:18]).min() > -0.35 * full
    assert out[18:25].max() == 0


def test_the_edit_of_a_face_that_returns_fades_in():
    out = lost_and_found()
    full = out[9]
    assert out[25] < 0.35 * full, "it pops on"
    assert np.diff(out[24:]).max() < 0.35 * full
    assert out[35] == pytest.approx(full, rel=0.05)


def test_a_face_that_comes_into_the_picture_later_fades_in():
    animator = Animator()
    for i in range(5):
        step(animator, i, HAPPY)
    way = [strength(step(animator, i, HAPPY, at_rest(i))) for i in range(5, 20)]
    assert way[0] < 0.35 * way[-1]
    assert max(np.diff(way)) < 0.35 * way[-1]


def test_a_hand_before_the_face_fades_the_edit_out():
    animator = Animator()
    watch(animator, range(5), HAPPY)
    out = [step(animator, i, HAPPY, at_rest(i, score=0.1)) for i in range(5, 20)]
    assert strength(out[0]) > 0
    assert strength(out[-1]) == 0
    assert [o.presence for o in out] == sorted((o.presence for o in out), reverse=True)
    assert out[-1].presence == 0


def test_two_faces_are_edited_apart_and_remembered_apart():
    animator = Animator()
    outs: list[Animation] = []
    for i in range(170):
        smiles = filmed(showing(SMILE if i > 150 else RESTING), seq=i, track=1)
        outs.append(step(animator, i, Edit(Emotion.NEUTRAL), at_rest(i, track=0), smiles))
    moved = [float(np.abs(m.shift).max()) for m in outs[-1].motions]
    assert max(moved) > 2  # the smile is taken off
    assert len(moved) == 1 or min(moved) < 0.3  # the other face has none


def test_two_faces_smile_both():
    out = step(Animator(), 0, HAPPY, at_rest(0, track=3), filmed(showing(), head(20), track=4))
    assert [np.abs(m.shift).max() > 4 for m in out.motions] == [True, True]


def test_what_a_face_shows_already_is_not_added_once_more():
    animator, calm = Animator(), Animator()
    watch(animator, range(150), HAPPY)
    watch(calm, range(150), HAPPY)
    laughing = watch(animator, range(150, 170), HAPPY, **SMILE)
    resting = watch(calm, range(150, 170), HAPPY)
    assert strength(laughing) < 0.85 * strength(resting)


def test_what_the_face_shows_is_told_by_arkits_names():
    animator = Animator()
    watch(animator, range(150), Edit())
    shown = watch(animator, range(150, 156), Edit(), **SMILE).coefficients
    assert tuple(shown) == basis.ARKIT
    assert all(0 <= value <= 1 for value in shown.values())
    assert shown["mouthSmileLeft"] > 0.4
    assert shown["mouthFrownLeft"] < 0.2
    assert step(animator, 160, Edit()).coefficients.get("mouthSmileLeft", 0.0) == 0


def test_a_stranger_is_not_taken_for_who_was_there_before():
    animator = Animator()
    watch(animator, range(150), Edit(Emotion.NEUTRAL), mouthFrown=0.9)
    for i in range(150, 270):
        step(animator, i, Edit(Emotion.NEUTRAL))
    fresh = Animator()
    step(fresh, 0, Edit(Emotion.NEUTRAL))
    again, new = (
        watch(a, range(270, 300), Edit(Emotion.NEUTRAL), **SMILE) for a in (animator, fresh)
    )
    assert strength(again) == pytest.approx(strength(new), rel=0.1)


def test_the_same_film_twice_gives_the_same_motions():
    def run() -> list[Floats]:
        animator = Animator()
        rng = np.random.default_rng(0)
        out: list[Floats] = []
        for i in range(30):
            points = showing({"jawOpen": float(rng.uniform(0, 0.5))})
            edit = Edit(Emotion.SAD) if i < 15 else Edit(Emotion.FEAR)
            (motion,) = step(animator, i, edit, filmed(points, seq=i)).motions
            out.append(motion.shift)
        return out

    for first, second in zip(run(), run(), strict=True):
        np.testing.assert_array_equal(first, second)


def test_reset_forgets_everybody():
    animator = Animator()
    watch(animator, range(30), HAPPY, **SMILE)
    animator.reset()
    new = Animator()
    for i in range(30, 33):
        a, b = (step(x, i, Edit(Emotion.SAD), at_rest(i)) for x in (animator, new))
        np.testing.assert_array_equal(a.motions[0].shift, b.motions[0].shift)


def test_a_photograph_is_edited_whole_whatever_came_before():
    animator = Animator(still=True)
    alone = strength(step(animator, 0, HAPPY, at_rest(0)))
    step(animator, 0, Edit(Emotion.SAD), filmed(showing(), head(20), track=1))
    again = step(animator, 0, HAPPY, at_rest(0, track=2))
    assert strength(again) == alone
    assert len(again.motions) == 1, "a face of another photograph is edited too"


def test_pixel_noise_moves_the_edit_little():
    animator = Animator()
    rng = np.random.default_rng(0)
    shifts: list[Floats] = []
    for i in range(60):
        face = at_rest(i)
        points = face.points + rng.normal(0, 0.4, face.points.shape).astype(np.float32)
        noisy = Landmarks(points, 1.0, face.captured)
        shifts.append(step(animator, i, HAPPY, noisy).motions[0].shift[CORNERS])
    assert np.diff(np.stack(shifts[20:]), axis=0).std() < 0.1


def test_glasses_are_not_bent():
    bare, behind = (
        Landmarks(filmed(showing()).points, 1.0, 0, 0, glasses=worn) for worn in (0.0, 1.0)
    )
    y = mesh.canonical()[:, 1]
    lids = [i for name, i in basis.INDEX.items() if name.startswith("eye")]
    moved_by_lids = np.abs(basis.displacements()[lids]).max(axis=(0, 2)) > 1e-4
    behind_lenses = np.flatnonzero((y > -0.2) & (y < 0.4) & ~moved_by_lids)
    for edit in (Edit(Emotion.DISGUST), Edit(Emotion.ANGRY)):
        free, kept = (
            step(Animator(still=True), 0, edit, f).motions[0].shift for f in (bare, behind)
        )
        most_kept, most_free = (np.abs(s[behind_lenses]).max() for s in (kept, free))
        assert most_kept < min(0.1, 0.5 * most_free)
    corners = step(Animator(still=True), 0, HAPPY, behind)
    assert strength(corners) > 4


def smiling(value: float) -> Edit:
    return Edit(coefficients=(("mouthSmileLeft", value), ("mouthSmileRight", value)))


def test_coefficients_that_drive_a_face_arrive_within_two_pictures_whatever_the_ramp():
    animator = Animator()
    slow = replace(smiling(0.8), ramp_ms=5000.0)
    assert strength(step(animator, 0, Edit(), at_rest(0))) == 0
    outs = [step(animator, i, slow, at_rest(i)) for i in range(1, 12)]
    assert strength(outs[-1]) > 4
    assert strength(outs[3]) > 0.8 * strength(outs[-1])
    assert outs[-1].shown["mouthSmileLeft"] == pytest.approx(0.8, abs=0.1)
    assert outs[-1].coefficients["mouthSmileLeft"] < 0.1, "of itself it smiles no more than before"


def test_driving_leaves_the_emotions_ramp_alone():
    def half_way(*driven: float) -> Floats:
        animator = Animator()
        out = step(animator, 0, Edit(), at_rest(0))
        for i in range(1, 16):
            drive = smiling(driven[i % 2]) if driven else Edit()
            edit = replace(drive, emotion=Emotion.SAD, ramp_ms=1000.0)
            out = step(animator, i, edit, at_rest(i))
        return out.motions[0].shift[BROWS]

    np.testing.assert_allclose(half_way(0.3, 0.31), half_way(), atol=0.15)


BROWS = [66, 296]


STRANGE = {"mouthShrugUpper": 0.8, "browOuterUp": 0.9, "mouthPress": 0.6}
"""A face that no one emotion makes."""


def said(animator: Animator, film: Iterable[int], edit: Edit, **shows: float) -> None:
    """Say of a face that it is at rest."""
    for i in film:
        face = filmed(showing({**RESTING, **shows}), seq=i)
        animator(Pose((face,), edit, i * PERIOD, at_rest=True))


def left_over(animation: Animation, **shows: float) -> float:
    """Return how far the face with the edit is from its rest, in pixels."""
    was = filmed(showing({**RESTING, **shows})).points - filmed(showing(RESTING)).points
    moved = animation.motions[0].shift[: mesh.POINTS] if animation.motions else 0.0
    return float(np.linalg.norm(was[:, :2] + moved, axis=1).max())


def test_neutral_leads_back_to_a_face_that_was_said_to_rest_all_the_way():
    neutral = Edit(Emotion.NEUTRAL)
    told, untold = Animator(), Animator()
    said(told, range(10), neutral)
    after = [watch(each, range(10, 130), neutral, **STRANGE) for each in (told, untold)]
    known, unknown = (left_over(each, **STRANGE) for each in after)
    assert known < 3.0  # of a hundred pixels between the eyes
    assert unknown > 2.5 * known


def test_what_was_said_holds_for_who_comes_back_and_not_for_who_stands_behind():
    neutral = Edit(Emotion.NEUTRAL)
    animator = Animator()
    said(animator, range(10), neutral)
    strange = showing({**RESTING, **STRANGE})
    outs = [  # the same face, found anew, and another behind it
        step(animator, i, neutral, *(filmed(strange, seq=i, track=track) for track in (5, 6)))
        for i in range(10, 130)
    ]
    moved = {m.track: float(np.abs(m.shift).max()) for m in outs[-1].motions}
    assert moved[5] > 4
    assert moved.get(6, 0.0) < 0.5 * moved[5]


def test_a_reset_forgets_people_and_not_what_was_said():
    neutral = Edit(Emotion.NEUTRAL)
    animator = Animator()
    said(animator, range(10), neutral)
    animator.reset()
    assert left_over(watch(animator, range(10, 130), neutral, **STRANGE), **STRANGE) < 3.0


def test_an_emotion_begins_at_the_rest_that_was_said():
    told, untold = Animator(), Animator()
    said(told, range(10), HAPPY)
    sorrow = {"mouthFrown": 0.9, "mouthShrugUpper": 0.8}
    corners = [
        float(watch(each, range(10, 130), HAPPY, **sorrow).motions[0].shift[CORNERS, 1].mean())
        for each in (told, untold)
    ]
    assert corners[0] < corners[1] - 1  # higher, by more than a pixel


def test_a_photograph_too_goes_back_to_the_rest_that_was_said():
    animator = Animator(still=True)
    said(animator, range(3), Edit())
    out = step(animator, 3, Edit(Emotion.NEUTRAL), filmed(showing({**RESTING, **STRANGE}), seq=3))
    assert left_over(out, **STRANGE) < 3.0


def test_a_look_is_learned_only_from_the_picture_that_the_landmarks_belong_to():
    animator = Animator()
    watch(animator, range(120), Edit())
    face = filmed(showing(RESTING), seq=120)
    fresh = animator(Pose((face,), Edit(), 120 * PERIOD, at_rest=True)).largest
    reused = animator(Pose((face,), Edit(), 121 * PERIOD, at_rest=True)).largest
    assert fresh is not None
    assert reused is not None
    assert (fresh.said, fresh.at_rest > 0.5) == (True, True)
    assert (reused.said, reused.at_rest) == (False, 0.0)


@pytest.mark.parametrize(
    ("shows", "resting"),
    [
        ({}, True),
        ({"mouthSmile": 0.9}, False),
        ({"browInnerUp": 0.9}, False),
        ({"jawOpen": 0.8}, True),
    ],
)
def test_who_talks_is_at_rest_and_who_smiles_or_worries_is_not(
    shows: dict[str, float], resting: bool
):
    animator = Animator()
    watch(animator, range(120), Edit())
    seen = watch(animator, range(120, 180), Edit(), **shows).largest
    assert seen is not None
    assert (seen.at_rest > 0.5) == resting


def test_who_was_seen_at_rest_goes_back_there_without_having_said_so():
    animator, neutral = Animator(), Edit(Emotion.NEUTRAL)
    watch(animator, range(150), neutral)
    assert left_over(watch(animator, range(150, 270), neutral, **STRANGE), **STRANGE) < 4.0


def test_a_head_that_turns_is_no_expression_to_be_taken_back():
    animator, neutral = Animator(), Edit(Emotion.NEUTRAL)
    watch(animator, range(150), neutral)
    # Depth is what landmarks know least: a face that turns seems flatter than it is.
    flat = showing(RESTING) * np.array((1, 1, 0.8), np.float32)
    turned = [
        step(animator, i, neutral, filmed(flat, head(yaw=min(30.0, i - 150.0)), seq=i))
        for i in range(150, 240)
    ]
    moved = [float(np.abs(motion.shift).max()) for motion in turned[-1].motions]
    assert max(moved, default=0.0) < 3.5


FRAME = [46, 53, 52, 65, 55, 111, 117, 118, 119]
"""Points of the mesh where a frame sits, above and below the eye."""


def test_glasses_do_not_bend_on_the_way_back():
    neutral = Edit(Emotion.NEUTRAL)

    def wearing(glasses: float) -> Animation:
        animator = Animator()
        said(animator, range(10), neutral)
        film = [filmed(showing({**RESTING, **STRANGE}), seq=i) for i in range(10, 130)]
        return [
            step(animator, f.captured // PERIOD, neutral, replace(f, glasses=glasses)) for f in film
        ][-1]

    bare, framed = wearing(0.0), wearing(1.0)
    bent, held = (float(np.abs(each.motions[0].shift[FRAME]).max()) for each in (bare, framed))
    assert held < 0.5 * bent  # the brows lie half above the frame
    assert strength(framed) == pytest.approx(strength(bare), abs=0.1)
    assert bare.largest is not None
    assert framed.largest is not None
    assert bare.largest.plain[0] > 0.3
    assert framed.largest.plain[0] == 0


def test_a_blink_on_the_way_back_closes_the_eye():
    squint = {"eyeSquint": 1.0, "cheekSquint": 0.8}
    neutral, animator = Edit(Emotion.NEUTRAL), Animator()
    said(animator, range(10), neutral)
    (open_,) = watch(animator, range(10, 130), neutral, **squint).motions
    (shut,) = watch(animator, range(130, 136), neutral, **squint, eyeBlink=1.0).motions
    lids = [159, 145, 386, 374]
    assert np.abs(open_.shift[lids]).max() > 1
    assert np.abs(shut.shift[lids]).max() < 0.3

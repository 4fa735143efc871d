"""Faces are found in a picture, keep their number while they move, and the largest is chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pytest

from realtime.face import mesh
from realtime.face.engine_finder import EngineFinder
from realtime.face.finder import Finder
from realtime.face.mediapipe_finder import MediapipeFinder
from realtime.face.tracker import Tracker
from realtime.types import Landmarks, PixelFormat, Pixels
from tests import portrait

SECOND = 30  # frames
HALF = 240  # columns of each side of a couple


FINDERS: dict[str, Callable[[], Finder]] = {
    "mediapipe": MediapipeFinder,
    "engine": lambda: EngineFinder(backends=["onnxruntime"]),
}


@pytest.fixture(scope="module", params=FINDERS)
def find(request: pytest.FixtureRequest) -> Callable[[], Finder]:
    return FINDERS[request.param]


@pytest.fixture(scope="module")
def shared(find: Callable[[], Finder]) -> Iterator[Tracker]:
    tracker = Tracker(finder=find())
    yield tracker
    tracker.close()


@pytest.fixture
def tracker(shared: Tracker) -> Tracker:
    shared.reset()
    return shared


@pytest.fixture
def everyone(find: Callable[[], Finder]) -> Iterator[Tracker]:
    tracker = Tracker("all", finder=find())
    yield tracker
    tracker.close()


def couple(left: float, right: float) -> Pixels:
    """Two faces side by side, [180, 480, 3], each as large as said."""
    sides = [
        portrait.move(portrait.photograph()[60:420, 80:560], scale=s, right=-80, down=-60)
        for s in (left, right)
    ]
    return np.ascontiguousarray(np.concatenate(sides, axis=1)[::2, ::2])


def watch(tracker: Tracker, picture: Pixels, film: Iterable[int]) -> tuple[Landmarks, ...]:
    """Show a picture for the frames of ``film``; return the faces of the last."""
    return [tracker(portrait.frame(picture, seq)) for seq in film][-1]


def middle(face: Landmarks) -> tuple[float, float]:
    x, y = face.points[:, :2].mean(axis=0)
    return float(x), float(y)


def test_the_portrait_has_a_face_of_478_points_where_it_is(tracker: Tracker):
    (face,) = tracker(portrait.frame(portrait.photograph()))
    assert face.points.shape == (mesh.POINTS, 3)
    assert face.points.dtype == np.float32
    assert face.score > 0.9
    assert face.captured == 0
    x, y = face.points[1, :2]  # the tip of the nose
    assert 305 < x < 335
    assert 265 < y < 295
    assert (
        face.points[33, 0] < face.points[263, 0]
    )  # the subject's right eye is left in the picture


@pytest.mark.parametrize("layout", ["yuv420p", "yuv422p", "yuv444p", "gray"])
def test_every_layout_shows_the_same_face(layout: PixelFormat):
    (seen,) = portrait.look(portrait.rgb_of(portrait.frame(portrait.photograph(), 0, layout)))
    difference = np.linalg.norm((seen.points - portrait.found().points)[:, :2], axis=1)
    assert difference.max() < (5.0 if layout == "gray" else 2.0)


def test_points_follow_the_face_to_the_pixel(tracker: Tracker):
    faces: list[Landmarks] = []
    for seq in range(8):
        shifted = portrait.move(portrait.photograph(), right=5 * seq, down=-3 * seq)
        faces = list(tracker(portrait.frame(shifted, seq)))
    expected = portrait.found().points[:, :2] + [35, -21]
    off = np.linalg.norm(faces[0].points[:, :2] - expected, axis=1)
    assert off.mean() < 1.5


def test_a_moving_face_keeps_its_number(tracker: Tracker):
    tracks: set[int] = set()
    for seq in range(20):
        picture = portrait.move(portrait.photograph(), right=8 * seq - 80, roll=seq, scale=0.8)
        tracks |= {face.track for face in tracker(portrait.frame(picture, seq))}
    assert len(tracks) == 1


def test_a_face_that_is_lost_for_a_moment_is_the_same_when_it_returns(tracker: Tracker):
    empty = np.full_like(portrait.photograph(), 128)
    (before,) = tracker(portrait.frame(portrait.photograph(), 0))
    assert tracker(portrait.frame(empty, 1)) == ()
    assert tracker(portrait.frame(empty, 2)) == ()
    (after,) = watch(tracker, portrait.photograph(), range(3, 6))
    assert after.track == before.track


def test_who_comes_long_after_is_someone_else(tracker: Tracker):
    empty = np.full_like(portrait.photograph(), 128)
    (before,) = tracker(portrait.frame(portrait.photograph(), 0))
    tracker(portrait.frame(empty, 1))
    (after,) = watch(tracker, portrait.photograph(), range(10 * SECOND, 10 * SECOND + 3))
    assert after.track != before.track


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((480, 640, 3), np.uint8),
        np.full((480, 640, 3), 200, np.uint8),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((3, 500, 3), np.uint8),
    ],
    ids=["black", "bright", "one pixel", "a stripe"],
)
def test_where_there_is_no_face_none_is_found(tracker: Tracker, picture: Pixels):
    assert tracker(portrait.frame(picture, 0, "rgb24")) == ()


def test_the_largest_of_two_faces_is_chosen_and_kept(tracker: Tracker):
    (face,) = watch(tracker, couple(1.0, 0.75), range(4))
    assert middle(face)[0] < HALF
    for seq in range(4, 12):  # the other comes a little closer
        (still,) = tracker(portrait.frame(couple(0.9, 1.0), seq))
        assert still.track == face.track
        assert middle(still)[0] < HALF


def test_another_face_is_chosen_once_it_is_clearly_larger(tracker: Tracker):
    (face,) = watch(tracker, couple(1.0, 0.75), range(4))
    (other,) = watch(tracker, couple(0.65, 1.05), range(4, 12))
    assert middle(other)[0] > HALF
    assert other.track != face.track


def test_all_faces_are_returned_the_largest_first(everyone: Tracker):
    seen = [everyone(portrait.frame(couple(0.75, 1.0), seq)) for seq in range(5)]
    faces = seen[-1]
    assert [middle(face)[0] > HALF for face in faces] == [True, False]
    assert len({face.track for face in faces}) == 2
    assert {f.track for f in seen[2]} == {f.track for f in faces}


def test_a_face_that_comes_later_is_found_within_a_second_or_so(everyone: Tracker):
    alone = couple(1.0, 1.0)
    alone[:, HALF:] = 128
    counts = [len(everyone(portrait.frame(alone, seq))) for seq in range(3)]
    counts += [len(everyone(portrait.frame(couple(1.0, 1.0), 20 * s))) for s in range(1, 6)]
    assert counts[2] == 1
    assert counts[-1] == 2


def test_a_hand_before_the_mouth_is_noticed_and_a_lamp_is_not(tracker: Tracker):
    def score(picture: Pixels, first: int, count: int) -> float:
        (face,) = watch(tracker, picture, range(first, first + count))
        return face.score

    plain = portrait.photograph()
    assert score(plain, 0, 5) > 0.9
    darker = np.clip(plain * 0.6, 0, 255).astype(np.uint8)
    assert score(darker, 5, 3) > 0.7
    covered = plain.copy()
    covered[280:440, 210:440] = (190, 150, 130)
    assert score(covered, 8, 3) < 0.5
    assert score(plain, 11, 3) > 0.7


def test_a_photograph_is_looked_at_without_a_memory():
    moved = portrait.move(portrait.photograph(), right=-120, scale=0.7)
    (first,) = portrait.look(moved)
    portrait.look(portrait.photograph())
    (second,) = portrait.look(moved)
    np.testing.assert_array_equal(first.points, second.points)
    assert first.score == 1


def test_glasses_are_noticed_and_belong_to_their_own_photograph():
    assert portrait.found().glasses == 0
    framed = portrait.photograph().copy()
    x, y = portrait.found().points[6, :2].round().astype(int)
    framed[y - 3 : y + 3, x - 40 : x + 40] = 20
    assert portrait.look(framed)[0].glasses > 0.9
    assert portrait.look(portrait.photograph())[0].glasses == 0


def test_a_small_face_in_a_small_picture_is_found(tracker: Tracker):
    small = np.ascontiguousarray(portrait.photograph()[::5, ::5])  # 128x96
    (face,) = tracker(portrait.frame(small, 0, "rgb24"))
    expected = portrait.found().points[:, :2] / 5
    assert np.linalg.norm(face.points[:, :2] - expected, axis=1).mean() < 1.5


def test_it_can_be_closed_twice(find: Callable[[], Finder]):
    tracker = Tracker(finder=find())
    tracker.close()
    tracker.close()

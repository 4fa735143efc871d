"""A motion moves the pixels of the face, in every layout and size, and not one pixel beside it."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.face import furrows, mesh
from realtime.face.animator import Animator
from realtime.face.motion import Canvas, Motion, Pose
from realtime.face.pose import Head
from realtime.face.renderer import Renderer
from realtime.picture import convert, from_rgb
from realtime.types import SUBSAMPLING, Edit, Emotion, Frame, PixelFormat
from tests import portrait
from tests.realtime.face.faces import filmed, head, showing

LAYOUTS: tuple[PixelFormat, ...] = ("yuv420p", "yuv422p", "yuv444p", "gray", "rgb24")
NO_SHADE = np.zeros(len(furrows.FURROWS), np.float32)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def grain(layout: PixelFormat, width: int, height: int, *, full_range: bool = False) -> Frame:
    """Return a picture in which every pixel differs from its neighbours."""
    rng = np.random.default_rng(width * height)
    across, down = SUBSAMPLING[layout]
    sizes = [(height, width)]
    if layout == "rgb24":
        sizes = [(height, width, 3)]
    elif layout != "gray":
        sizes += [(-(-height // down), -(-width // across))] * 2
    planes = tuple(rng.integers(0, 256, size, dtype=np.uint8) for size in sizes)
    for plane in planes:
        plane.flags.writeable = False  # a frame is never written to
    full = full_range or layout == "rgb24"
    return Frame(planes, layout, 0, 0, Fraction(1, 30), 0, full)


def motion_of(at: Head, edit: Edit | None = None) -> Motion:
    edit = edit or Edit(Emotion.HAPPY, 1.5)
    (motion,) = Animator(still=True)(Pose((filmed(showing(), at),), edit, 0)).motions
    return motion


def placed(x: float, y: float, unit: float, yaw: float = 0.0, roll: float = 0.0) -> Head:
    turned = head(yaw=yaw, roll=roll, unit=unit)
    return Head(unit, turned.rotation, np.array([x, y, 0], np.float32))


def beside(motion: Motion, frame: Frame, plane: int) -> NDArray[np.bool_]:
    """Tell which samples of a plane lie outside the ring around the face, by a pixel or more."""
    across, down = SUBSAMPLING[frame.format] if plane else (1, 1)
    inside = np.zeros((frame.height + 2, frame.width + 2), np.uint8)
    ring = np.rint(motion.points[mesh.POINTS :]).astype(np.int32)
    cv2.fillPoly(inside, [ring], (1,))
    inside = np.asarray(cv2.dilate(inside, np.ones((3, 3), np.uint8)), np.uint8)
    inside = inside[: frame.height, : frame.width]
    rows = np.add.reduceat(inside, np.arange(0, frame.height, down), axis=0)
    return np.add.reduceat(rows, np.arange(0, frame.width, across), axis=1) == 0


def assert_only_the_face_changes(renderer: Renderer, frame: Frame, motion: Motion) -> None:
    out = renderer(Canvas(frame, (motion,)))
    assert [p.shape for p in out.planes] == [p.shape for p in frame.planes]
    for i, (before, after) in enumerate(zip(frame.planes, out.planes, strict=True)):
        outside = beside(motion, frame, i)
        np.testing.assert_array_equal(after[outside], before[outside])
    changed = (out.planes[0] != frame.planes[0]).mean()
    assert changed > 0.001


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("width", "height"), [(320, 240), (161, 203), (99, 64)])
def test_outside_the_ring_every_pixel_stays(
    renderer: Renderer, layout: PixelFormat, width: int, height: int
):
    unit = min(width, height) / 4.5
    at = placed(width * 0.47, height * 0.42, unit, yaw=10, roll=15)
    assert_only_the_face_changes(renderer, grain(layout, width, height), motion_of(at))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("x", "y"), [(0, 60), (160, 60), (80, -30), (80, 130), (-20, -10), (165, 125)]
)
def test_a_face_that_is_partly_outside_the_picture(
    renderer: Renderer, layout: PixelFormat, x: float, y: float
):
    assert_only_the_face_changes(renderer, grain(layout, 161, 121), motion_of(placed(x, y, 32)))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("unit", [3.0, 7.0, 700.0])
def test_a_face_that_is_tiny_or_larger_than_the_picture(
    renderer: Renderer, layout: PixelFormat, unit: float
):
    frame = grain(layout, 161, 121)
    out = renderer(Canvas(frame, (motion_of(placed(80, 60, unit)),)))
    assert [p.shape for p in out.planes] == [p.shape for p in frame.planes]
    if unit < 100:
        assert (out.planes[0][:20] == frame.planes[0][:20]).all()


@pytest.mark.parametrize(("x", "y"), [(-900, 50), (900, 50), (50, -900), (50, 900)])
def test_a_face_beside_the_picture_changes_nothing(renderer: Renderer, x: float, y: float):
    frame = grain("yuv420p", 160, 120)
    out = renderer(Canvas(frame, (motion_of(placed(x, y, 40)),)))
    for before, after in zip(frame.planes, out.planes, strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (2, 300)])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_picture_too_small_for_a_face(
    renderer: Renderer, layout: PixelFormat, size: tuple[int, int]
):
    frame = grain(layout, *size)
    out = renderer(Canvas(frame, (motion_of(placed(3, 3, 4)),)))
    assert [p.shape for p in out.planes] == [p.shape for p in frame.planes]


def test_without_motions_it_is_the_very_same_frame(renderer: Renderer):
    frame = grain("yuv420p", 64, 48)
    assert renderer(Canvas(frame, ())) is frame


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_motion_that_moves_nothing_changes_nothing(renderer: Renderer, layout: PixelFormat):
    frame = grain(layout, 321, 239)
    motion = motion_of(placed(160, 100, 60))
    still = Motion(motion.points, np.zeros_like(motion.shift), NO_SHADE)
    for before, after in zip(frame.planes, renderer(Canvas(frame, (still,))).planes, strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_twice_is_the_same_and_the_input_is_left_alone(
    renderer: Renderer, layout: PixelFormat
):
    frame, motion = grain(layout, 320, 240), motion_of(placed(160, 100, 60))
    before = [p.copy() for p in frame.planes]
    first, second = (renderer(Canvas(frame, (motion,))) for _ in range(2))
    for was, is_now, a, b in zip(before, frame.planes, first.planes, second.planes, strict=True):
        np.testing.assert_array_equal(was, is_now)
        np.testing.assert_array_equal(a, b)
        assert not np.shares_memory(a, is_now)
    assert (first.pts, first.seq, first.captured) == (frame.pts, frame.seq, frame.captured)


def test_planes_that_are_views_are_taken(renderer: Renderer):
    whole, motion = grain("gray", 320, 240), motion_of(placed(160, 100, 60))
    padded = np.zeros((240, 400), np.uint8)
    padded[:, :320] = whole.planes[0]
    view = whole.with_planes((padded[:, :320],))
    expected = renderer(Canvas(whole, (motion,))).planes[0]
    np.testing.assert_array_equal(renderer(Canvas(view, (motion,))).planes[0], expected)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("by", [(6.0, 0.0), (0.0, -4.0), (-8.0, 2.0)])
def test_pixels_go_where_the_mesh_goes_in_light_and_colour(
    renderer: Renderer, layout: PixelFormat, by: tuple[float, float]
):
    """A red dot on the cheek, moved with everything around it."""
    at = placed(160, 110, 60)
    points = filmed(showing(), at).points
    cheek = points[50, :2].round()
    picture = np.full((240, 320, 3), 60, np.uint8)
    dot = (round(float(cheek[0])), round(float(cheek[1])))
    cv2.circle(picture, dot, 5, (250, 60, 60), -1)
    where = np.concatenate([points[:, :2], mesh.ring(points)]).astype(np.float32)
    shift = np.zeros_like(where)
    shift[np.linalg.norm(where - cheek, axis=1) < 40] = by
    frame = convert(from_rgb(picture), layout)
    out = renderer(Canvas(frame, (Motion(where, shift, NO_SHADE),)))
    for i, plane in enumerate(out.planes):
        across, down = SUBSAMPLING[layout] if i else (1, 1)
        flat = plane.reshape(plane.shape[0], plane.shape[1], -1)[..., 0].astype(float)
        contrast = np.abs(flat - np.median(flat))
        rows, columns = np.nonzero(contrast > 0.5 * contrast.max())
        middle = (columns.mean() + 0.5) * across - 0.5, (rows.mean() + 0.5) * down - 0.5
        np.testing.assert_allclose(middle, cheek + by, atol=1.0)


def test_all_layouts_show_the_same_edit(renderer: Renderer):
    motion = motion_of(placed(322, 236, 99, roll=2))
    source = portrait.photograph()
    edited = renderer(Canvas(from_rgb(source), (motion,))).planes[0].astype(float)
    assert np.abs(edited - source).max() > 40
    for layout in LAYOUTS[:3]:
        out = renderer(Canvas(convert(from_rgb(source), layout), (motion,)))
        difference = np.abs(portrait.rgb_of(out) - edited)[100:400, 200:440]
        assert difference.mean() < 4
    full = convert(from_rgb(source), "yuv420p", full_range=True)
    gray = Frame(full.planes[:1], "gray", 0, 0, full.time_base, 0, full_range=True)
    luma, alone = (renderer(Canvas(f, (motion,))).planes[0] for f in (full, gray))
    np.testing.assert_array_equal(alone, luma)


def test_both_faces_of_a_picture_are_drawn(renderer: Renderer):
    frame = grain("yuv420p", 320, 160)
    motions = (motion_of(placed(80, 70, 34)), motion_of(placed(240, 70, 34)))
    out = renderer(Canvas(frame, motions)).planes[0] != frame.planes[0]
    assert out[:, :160].mean() > 0.05
    assert out[:, 160:].mean() > 0.05
    assert not out[:, 155:165].any()


def test_furrows_shade_the_skin_and_leave_the_eyes_clear(renderer: Renderer):
    points = filmed(showing(), placed(160, 110, 60)).points
    where = np.concatenate([points[:, :2], mesh.ring(points)]).astype(np.float32)
    skin = Frame((np.full((240, 320), 150, np.uint8),), "gray", 0, 0, Fraction(1, 30), 0)
    still = np.zeros_like(where)
    deep = Motion(where, still, np.ones_like(NO_SHADE))
    out = renderer(Canvas(skin, (deep,))).planes[0].astype(int)
    assert 15 < np.abs(out - 150).max() < 110
    for iris in (468, 473):
        x, y = points[iris, :2].round().astype(int)
        np.testing.assert_allclose(out[y - 2 : y + 3, x - 2 : x + 3], 150, atol=4)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_face_close_beside_another_leaves_the_other_edit_alone(
    renderer: Renderer, layout: PixelFormat
):
    frame = grain(layout, 240, 160)
    # Turned heads side by side: their rectangles overlap, their rings do not.
    first, second = motion_of(placed(90, 50, 34, roll=30)), motion_of(placed(158, 80, 34, roll=30))
    alone = renderer(Canvas(frame, (first,)))
    together = renderer(Canvas(frame, (first, second)))
    for i, plane in enumerate(together.planes):
        apart = beside(second, frame, i)
        np.testing.assert_array_equal(plane[apart], alone.planes[i][apart])

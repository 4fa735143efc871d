"""Squares, masks and the file that keeps them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engines.wav2lip_emotion import store
from engines.wav2lip_emotion.faces import SEEN, Square, hidden, square_of, steadied
from engines.wav2lip_emotion.windows import look
from tests import portrait
from tests.engines.wav2lip_emotion import acting


def test_a_square_holds_the_face_wherever_and_however_large_it_is():
    rgb, points = portrait.photograph(), portrait.found().points
    square = square_of(points)
    inside = square.inside(points, 96)
    longest = np.ptp(inside, axis=0).max()
    assert longest == pytest.approx(96 / SEEN, abs=0.1)
    np.testing.assert_allclose((inside.min(0) + inside.max(0)) / 2, 47.5, atol=0.1)
    small, large = square.cut(rgb, 96), square.cut(rgb, 400)
    (face,) = portrait.look(large)
    found = face.points[:, :2] * 96 / 400
    assert np.abs(found - inside).mean() < 1.0
    assert small.std() > 20


def test_beyond_the_picture_its_edge_goes_on():
    rgb = np.full((40, 40, 3), 90, np.uint8)
    assert (Square(0, 0, 60).cut(rgb, 30) == 90).all()
    assert (Square(-300, 20, 200).cut(rgb, 20) == 90).all()


def test_steadying_follows_a_face_and_stops_where_it_was_lost():
    squares = [Square(float(x), 0, 10) for x in (0, 10, 0, 10, 0, 10, 0)]
    calm = steadied([*squares, None, Square(500, 0, 20)])
    x = [s.x for s in calm if s is not None]
    assert np.ptp(x[2:5]) < 5
    assert calm[7] is None
    assert x[-1] == 500


def test_the_full_mask_hides_the_face_and_leaves_the_hair():
    points = portrait.found().points
    square = square_of(points)
    inside = square.inside(points, 96)
    full, half = hidden(inside, 96, "full"), hidden(inside, 96, "half")
    at = np.rint(inside).astype(int)
    assert full[at[:, 1], at[:, 0]].all()
    assert not full[:4].any()
    assert not full[:, :3].any()
    assert 0.3 < full.mean() < 0.7
    assert not half[:48].any()
    assert half[48:].all()


def test_a_clip_comes_back_from_its_file(tmp_path: Path):
    clip = acting.clip(3).prepared
    path = tmp_path / f"a{store.SUFFIX}"
    store.write(path, clip)
    (found,) = store.in_folder(tmp_path)
    back = store.read(found)
    assert back.about == clip.about
    assert back.jpegs == clip.jpegs
    np.testing.assert_allclose(back.points, clip.points, atol=0.1)
    np.testing.assert_allclose(back.sound, clip.sound, atol=1e-4)
    picture, points = look(acting.clip(3), 4)
    assert picture.shape == (96, 96, 3)
    assert 0 < points.min() < points.max() < 96


def test_another_file_is_not_taken_for_a_clip(tmp_path: Path):
    path = tmp_path / f"b{store.SUFFIX}"
    path.write_bytes(b"something else")
    with pytest.raises(store.StoreError, match="is not a prepared clip"):
        store.read(path)

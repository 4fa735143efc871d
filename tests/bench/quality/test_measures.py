from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from bench.quality import measures
from realtime.types import Frame

from .faces import series


def test_aperture_is_the_gap_in_eye_distances_however_the_head_moves() -> None:
    still, moving = (measures.aperture(series(talk=0.1, head=h)) for h in (0.0, 1.0))
    assert still.max() == pytest.approx(0.1, abs=2e-3)
    assert still.min() == pytest.approx(0.0, abs=1e-3)
    np.testing.assert_allclose(moving, still, atol=1e-3)


def test_correlation_falls_when_the_edit_smears_speech() -> None:
    spoken = measures.aperture(series(talk=0.1))
    smeared = np.convolve(spoken, np.ones(9) / 9, "same").astype(np.float32)
    exact, worse = (measures.correlation(spoken, after) for after in (spoken + 0.05, smeared))
    assert exact == pytest.approx(1, abs=1e-5)
    assert worse is not None
    assert worse < 0.95
    assert measures.correlation(spoken, np.zeros_like(spoken)) == 0


def test_no_correlation_is_told_of_a_mouth_that_does_not_move() -> None:
    silent = measures.aperture(series(talk=0.0, noise=0.1))
    assert measures.correlation(silent, silent) is None


def test_closures_that_the_edit_opens_are_not_kept() -> None:
    before = np.array([0.0, 0.002, 0.015, 0.1, 0.0], np.float32)
    after = np.array([0.0, 0.028, 0.05, 0.1, 0.2], np.float32)
    assert measures.closures(before, after) == (4, 2)


def test_smile_rises_with_the_corners_also_on_a_tilted_head() -> None:
    for head in (0.0, 1.0):
        rest = series(head=head)
        smiling = rest.copy()
        across = rest[:, 263] - rest[:, 33]
        up = np.stack([across[:, 1], -across[:, 0], across[:, 2] * 0], 1)
        smiling[:, measures.CORNERS] += 0.1 * up[:, None]
        rise = measures.smile(smiling) - measures.smile(rest)
        np.testing.assert_allclose(rise, 0.1, atol=1e-3)


def test_jitter_is_of_the_landmarks_and_not_of_the_head() -> None:
    swaying = measures.jitter(series(talk=0, head=1))
    trembling, more = (measures.jitter(series(talk=0, noise=n)) for n in (0.5, 1.0))
    assert swaying < trembling / 10
    assert more == pytest.approx(2 * trembling, rel=0.05)


def test_a_constant_edit_adds_no_jitter() -> None:
    before = series(head=1, noise=0.5)
    after = before.copy()
    after[:, measures.CORNERS] += (3, -5, 0)
    assert measures.jitter(after) == pytest.approx(measures.jitter(before), rel=0.02)


def test_wins_and_rises_are_of_the_emotion_asked_for() -> None:
    before = np.array([[0.6, 0.4, 0], [0.2, 0.8, 0]], np.float32)
    after = np.array([[0.1, 0.9, 0], [0.1, 0.9, 0]], np.float32)
    assert measures.win_share(before, 1) == 0.5
    assert measures.win_share(after, 1) == 1
    assert measures.rises(before, after, 1) == pytest.approx(0.3)
    assert measures.rises(before, after, 0) == pytest.approx(-0.3)


def test_cosine_of_the_same_vectors_is_one() -> None:
    v = np.random.default_rng(0).normal(size=(4, 128)).astype(np.float32)
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    assert measures.cosine(v, v) == pytest.approx(1)
    assert abs(measures.cosine(v, np.roll(v, 64, 1))) < 0.3


@pytest.mark.parametrize("format", ["yuv420p", "rgb24"])
def test_one_changed_pixel_outside_the_face_is_noticed(format: str) -> None:
    planes = (
        (np.zeros((480, 640), np.uint8), *(np.zeros((240, 320), np.uint8) for _ in range(2)))
        if format == "yuv420p"
        else (np.zeros((480, 640, 3), np.uint8),)
    )
    before = Frame(planes, format, 0, 0, Fraction(1, 25), 0)  # type: ignore[arg-type]
    points = series(1)[0]
    inside, outside = ([p.copy() for p in planes] for _ in range(2))
    inside[0][240, 320] = 9
    outside[-1][3, 5] = 9
    assert measures.untouched(before, before.with_planes(tuple(inside)), points) == 1
    assert 0.999 < measures.untouched(before, before.with_planes(tuple(outside)), points) < 1
    assert measures.untouched(before, before.with_planes(tuple(inside)), None) < 1

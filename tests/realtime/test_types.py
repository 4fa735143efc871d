"""What the values promise to everyone who holds one."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np
import pytest

from realtime.types import SUBSAMPLING, Edit, Emotion, Filtered, Frame, PixelFormat, Rung


def gray(height: int, width: int) -> Frame:
    return Frame((np.zeros((height, width), np.uint8),), "gray", 5, 3, Fraction(1, 30), 3)


def test_a_frame_knows_its_size():
    frame = gray(480, 640)
    assert (frame.width, frame.height) == (640, 480)
    rgb = Frame((np.zeros((2, 3, 3), np.uint8),), "rgb24", 0, 0, Fraction(1, 30), 0)
    assert (rgb.width, rgb.height) == (3, 2)


def test_other_pixels_are_the_same_moment():
    frame = gray(4, 4)
    other = frame.with_planes((np.full((4, 4), 9, np.uint8),))
    assert other.planes[0][0, 0] == 9
    assert frame.planes[0][0, 0] == 0
    assert dataclasses.replace(other, planes=frame.planes) == frame


@pytest.mark.parametrize("value", [gray(1, 1), Edit(), Filtered(gray(1, 1), Rung.REUSE)])
def test_a_value_that_crosses_a_thread_cannot_be_changed(value: Frame | Edit | Filtered):
    name = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, None)


def test_the_emotions_are_the_words_that_a_user_types():
    words = ["neutral", "happy", "sad", "angry", "fear", "disgust", "surprise", "contempt"]
    assert [emotion.value for emotion in Emotion] == words
    assert Emotion("happy") is Emotion.HAPPY


def test_an_edit_that_says_nothing_asks_for_nothing():
    assert Edit().emotion is None
    assert Edit().affect is None
    assert Edit().ramp_ms == 250


@pytest.mark.parametrize(
    ("layout", "chroma"),
    [("yuv420p", (240, 320)), ("yuv422p", (480, 320)), ("yuv444p", (480, 640))],
)
def test_subsampling_gives_the_size_of_the_colour_planes(
    layout: PixelFormat, chroma: tuple[int, int]
):
    across, down = SUBSAMPLING[layout]
    assert (480 // down, 640 // across) == chroma

"""A turned picture is the stored one with its pixels moved, and nothing else."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from realtime.sources.upright import Turn, turn_by, upright
from realtime.types import Frame, Pixels

ONE = 1 << 16
STORED = np.arange(12, dtype=np.uint8).reshape(3, 4)


def frame_of(luma: Pixels) -> Frame:
    return Frame((luma,), "gray", 0, 0, Fraction(1, 25), 0)


@pytest.mark.parametrize(
    ("matrix", "shown"),
    [
        ((ONE, 0, 0, ONE), STORED),
        ((0, -ONE, ONE, 0), np.rot90(STORED)),
        ((-ONE, 0, 0, -ONE), np.rot90(STORED, 2)),
        ((0, ONE, -ONE, 0), np.rot90(STORED, 3)),
        ((-ONE, 0, 0, ONE), np.fliplr(STORED)),
        ((ONE, 0, 0, -ONE), np.flipud(STORED)),
        ((0, ONE, ONE, 0), STORED.T),
        ((0, -ONE, -ONE, 0), np.rot90(STORED, 2).T),
        # Half a degree off, as some editors write it.
        ((571, -ONE + 3, ONE - 3, 571), np.rot90(STORED)),
    ],
)
def test_every_way_to_hold_a_phone(matrix: tuple[int, int, int, int], shown: Pixels) -> None:
    a, b, c, d = matrix
    turn = turn_by(np.array([[a, b, 0], [c, d, 0], [0, 0, 1 << 30]], np.int32))
    turned = upright(frame_of(STORED), turn).planes[0]
    np.testing.assert_array_equal(turned, shown)
    assert turned.flags.c_contiguous


def test_half_width_chroma_is_kept_whole_when_turned() -> None:
    luma = np.arange(15, dtype=np.uint8).reshape(3, 5)
    chroma = np.arange(9, dtype=np.uint8).reshape(3, 3)
    frame = Frame((luma, chroma, chroma + np.uint8(100)), "yuv422p", 0, 0, Fraction(1, 25), 0)
    turned = upright(frame, Turn(transpose=True))
    assert turned.format == "yuv444p"
    np.testing.assert_array_equal(turned.planes[0], luma.T)
    np.testing.assert_array_equal(turned.planes[1], chroma[:, [0, 0, 1, 1, 2]].T)
    mirrored = upright(frame, Turn(mirror_x=True))
    assert mirrored.format == "yuv422p"
    np.testing.assert_array_equal(mirrored.planes[2], chroma[:, ::-1] + 100)


def test_an_upright_picture_is_left_alone() -> None:
    frame = frame_of(STORED)
    assert upright(frame, Turn()) is frame

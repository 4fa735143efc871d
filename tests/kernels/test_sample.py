"""One plane seen through a turned rectangle is what the reference says, to the nearest level."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from kernels import reference
from kernels.cpu.sample import WIDEST, is_sampled, sample

Bytes = NDArray[np.uint8]

WAYS = (
    (0.0, 1.0, 0.0, 0.0),
    (17.0, 0.7, 8.3, 2.9),
    (-160.0, 1.9, 70.0, 80.0),
    (90.0, 5.0, -3000.5, 7000.5),
    (179.0, 0.01, 30.0, 40.0),
)


def way(degrees: float, zoom: float, right: float, down: float) -> NDArray[np.float64]:
    c, s = zoom * math.cos(math.radians(degrees)), zoom * math.sin(math.radians(degrees))
    return np.array([[c, -s, right], [s, c, down]])


@pytest.mark.parametrize("shape", [(2, 2), (63, 65), (48, 2), (240, 320)])
@pytest.mark.parametrize("size", [(1, 1), (31, 18), (192, 192)])
def test_it_is_the_reference_rounded(shape: tuple[int, int], size: tuple[int, int]):
    plane = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    for there in (way(*numbers) for numbers in WAYS):
        out = np.empty(size[::-1], np.uint8)
        sample(plane, there, out)
        gray = reference.crop_rgb(
            (plane,), there.astype(np.float32), size, scale=1, colours=reference.Colours(True)
        )
        assert np.abs(out - gray[..., 0]).max() < 0.51  # half a level, and float32 between pixels


def test_a_part_of_a_larger_plane_is_sampled_by_itself():
    """Rows are further apart than they are long, and what lies beyond is not the plane's."""
    whole = np.full((40, 60), 255, np.uint8)
    part = whole[10:30, 20:50]
    part[:] = 7
    out = np.empty((30, 40), np.uint8)
    sample(part, way(20, 1.5, -9, -9), out)
    assert (out == 7).all()


@pytest.mark.parametrize(
    "plane",
    [
        np.zeros((1, 9), np.uint8),
        np.zeros((9, 18), np.uint8)[:, ::2],
        np.zeros((2, WIDEST + 1), "u1"),
    ],
)
def test_what_it_cannot_sample_is_refused(plane: Bytes):
    assert not is_sampled(plane)
    with pytest.raises(ValueError, match="is not sampled"):
        sample(plane, way(0, 1, 0, 0), np.empty((4, 4), np.uint8))


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_way_that_leads_nowhere_is_refused(bad: float):
    plane = np.zeros((9, 9), np.uint8)
    with pytest.raises(ValueError, match="does not lead into a plane"):
        sample(plane, way(0, 1, bad, 0), np.empty((4, 4), np.uint8))

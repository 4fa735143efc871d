"""A coarse field is laid over pixels as the reference says, also beyond its edge."""

from __future__ import annotations

import numpy as np
import pytest

from kernels import cpu, reference


@pytest.mark.parametrize(
    ("shape", "across", "down", "size"),
    [
        ((4, 128, 128), (0.4, 0.34), (-3.2, 0.37), (350, 360)),
        ((1, 128, 128), (30.0, 0.34), (100.0, 0.1), (64, 9)),
        ((2, 5, 7), (-4.0, 1.7), (-1.0, 2.5), (13, 11)),
        ((1, 1, 1), (0.0, 0.1), (0.0, 0.1), (3, 4)),
    ],
)
def test_enlarge_is_the_reference(
    shape: tuple[int, int, int],
    across: tuple[float, float],
    down: tuple[float, float],
    size: tuple[int, int],
):
    fields = np.random.default_rng(len(shape)).normal(0, 1, shape).astype(np.float32)
    wanted = reference.enlarge(fields, across, down, size)
    out = np.full((shape[0], size[1], size[0]), 77, np.float32)
    assert cpu.enlarge(fields, across, down, size, scratch=cpu.Scratch(), out=out) is out
    np.testing.assert_allclose(out, wanted, atol=1e-5)


def test_samples_that_pixels_lie_on_are_theirs():
    fields = np.arange(12, dtype=np.float32).reshape(1, 3, 4)
    same = cpu.enlarge(fields, (0, 1), (0, 1), (4, 3), scratch=cpu.Scratch())
    np.testing.assert_array_equal(same, fields)
    beyond = cpu.enlarge(fields, (-2, 1), (1, 0), (8, 1), scratch=cpu.Scratch())[0, 0]
    assert beyond.tolist() == [4, 4, 4, 5, 6, 7, 7, 7]


def test_shapes_that_differ_are_refused():
    fields, out = np.zeros((2, 3, 3), np.float32), np.zeros((2, 5, 4), np.float32)
    with pytest.raises(ValueError, match="differ"):
        cpu.enlarge(fields, (0, 1), (0, 1), (5, 4), scratch=cpu.Scratch(), out=out)

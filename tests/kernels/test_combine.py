"""Layers add up as the reference says, whatever their number and layout."""

from __future__ import annotations

import numpy as np
import pytest

from kernels import cpu, reference


@pytest.mark.parametrize(("count", "size"), [(1, 1), (10, 1), (52, 1434), (3, 63 * 65)])
def test_combine_is_the_reference(count: int, size: int):
    rng = np.random.default_rng(size)
    layers = rng.normal(0, 1, (count, size)).astype(np.float32)
    weights = rng.normal(0, 1, count).astype(np.float32)
    weights[1::3] = 0
    exact = weights.astype(np.float64) @ layers.astype(np.float64)
    allowed = 2 * np.abs(np.dot(weights, layers) - exact).max() + 1e-6
    out = np.full(size, 77, np.float32)
    assert cpu.combine(weights, layers, out) is out
    assert np.abs(out - exact).max() <= allowed
    np.testing.assert_allclose(reference.combine(weights, layers), exact, rtol=1e-6, atol=1e-6)


def test_combine_takes_views():
    layers = np.random.default_rng(1).normal(0, 1, (8, 30)).astype(np.float32)
    weights = np.arange(8, dtype=np.float32)
    out = np.zeros(30, np.float32)
    cpu.combine(weights[::2], layers[::2, ::3], out[::3])
    np.testing.assert_allclose(out[::3], weights[::2] @ layers[::2, ::3], rtol=1e-4, atol=1e-4)
    assert not out[1::3].any()


def test_no_weight_gives_nothing():
    out = np.full(5, 77, np.float32)
    cpu.combine(np.zeros(3, np.float32), np.full((3, 5), np.inf, np.float32), out)
    assert not out.any()


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="differ"):
        cpu.combine(np.zeros(3, np.float32), np.zeros((3, 5), np.float32), np.zeros(4, np.float32))

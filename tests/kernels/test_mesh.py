"""The compiled operations mean what the plain ones do, whatever the size and the memory layout."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kernels import cpu, reference

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

SIZES = ((1, 1), (1, 9), (63, 65), (64, 48))


def triangle_soup(
    seed: int, height: int, width: int, channels: int = 3
) -> tuple[Floats, Ints, Floats]:
    """Overlapping triangles of both windings, a third of their corners outside the grid."""
    rng = np.random.default_rng(seed)
    reach = np.maximum((width, height), 3)
    vertices = rng.uniform(-0.3 * reach, 1.3 * reach, (40, 2)).astype(np.float32)
    triangles = rng.integers(0, 40, (30, 3)).astype(np.int32)
    values = rng.normal(0, 5, (40, channels)).astype(np.float32)
    return vertices, triangles, values


def rasterised(
    vertices: Floats, triangles: Ints, values: Floats, height: int, width: int
) -> Floats:
    out = np.full((values.shape[1], height, width), 77, np.float32)
    cpu.rasterise(vertices, triangles, values, out)
    return out


def outside_of_edges(
    vertices: Floats, triangles: Ints, height: int, width: int
) -> NDArray[np.bool_]:
    """Samples that lie on no triangle's edge, where rounding may fall to either side."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    clear = np.ones((height, width), bool)
    for corners in vertices[triangles].astype(np.float64):
        for i in range(3):
            (ax, ay), (bx, by) = corners[i], corners[i - 1]
            length = np.hypot(bx - ax, by - ay) + 1e-12
            distance = ((bx - ax) * (rows - ay) - (by - ay) * (columns - ax)) / length
            clear &= np.abs(distance) > 1e-4
    return clear


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("channels", [1, 4])
def test_rasterise_is_the_reference(height: int, width: int, channels: int):
    soup = triangle_soup(height, height, width, channels)
    expected = reference.rasterise(*soup, height, width)
    clear = outside_of_edges(soup[0], soup[1], height, width)
    got = rasterised(*soup, height, width)
    assert height * width == 1 or expected.any()
    np.testing.assert_allclose(got[:, clear], expected[:, clear], atol=2e-3)


def test_rasterise_takes_arrays_that_are_views():
    vertices, triangles, values = triangle_soup(1, 63, 65)
    expected = rasterised(vertices, triangles, values, 63, 65)
    wide_vertices = np.repeat(vertices, 2, axis=1)[:, ::2]
    wide_triangles = np.repeat(triangles, 2, axis=1)[:, ::2]
    turned_values = np.asfortranarray(values)
    got = np.empty((6, 63, 130), np.float32)[::2, :, ::2]
    cpu.rasterise(wide_vertices, wide_triangles, turned_values, got)
    np.testing.assert_array_equal(got, expected)


def test_rasterise_draws_nothing_for_triangles_without_an_area():
    vertices = np.array([(1, 1), (5, 5), (9, 9), (5, 5), (4, 8)], np.float32)
    flat = np.array([(0, 1, 2), (1, 3, 4), (4, 4, 4)], np.int32)
    values = np.ones((5, 2), np.float32)
    assert not reference.rasterise(vertices, flat, values, 12, 12).any()
    assert not rasterised(vertices, flat, values, 12, 12).any()


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_rasterise_of_a_triangle_that_covers_the_grid_from_far_outside(height: int, width: int):
    vertices = np.array([(-500, -500), (900, -400), (100, 1200)], np.float32)
    plane = vertices @ np.array([[0.5], [-0.25]], np.float32) + 3
    got = rasterised(vertices, np.array([(0, 1, 2)], np.int32), plane, height, width)
    rows, columns = np.mgrid[0:height, 0:width]
    np.testing.assert_allclose(got[0], 0.5 * columns - 0.25 * rows + 3, atol=2e-3)


def test_rasterise_of_triangles_beside_the_grid_draws_nothing():
    vertices = np.array([(-9, 2), (-3, 2), (-5, 8), (20, 2), (26, 3), (22, 30)], np.float32)
    beside = np.array([(0, 1, 2), (3, 4, 5)], np.int32)
    assert not rasterised(vertices, beside, np.ones((6, 1), np.float32), 16, 16).any()


@pytest.mark.parametrize("seed", range(8))
def test_neighbouring_triangles_leave_no_gap_between_them(seed: int):
    """A gap of one sample would be a dot in the picture that stays behind while the face moves."""
    rng = np.random.default_rng(seed)
    middle = rng.uniform(14, 18, 2)
    turn = np.linspace(0, 2 * np.pi, 13)[:-1] + rng.uniform(0, 6)
    rim = middle + 60 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    snapped = seed % 2 == 0  # edges that run exactly through the samples
    vertices = np.concatenate([[middle.round() if snapped else middle], rim]).astype(np.float32)
    fan = np.array([(0, 1 + i, 1 + (i + 1) % 12) for i in range(12)], np.int32)
    got = rasterised(vertices, fan, np.ones((13, 1), np.float32), 32, 32)
    np.testing.assert_allclose(got, 1, atol=1e-5)


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("channels", [1, 2])
def test_drape_is_the_reference_within_the_drawing_and_beyond(
    height: int, width: int, channels: int
):
    rng = np.random.default_rng(height)
    texture = rng.normal(0, 1, (channels, height, width)).astype(np.float32)
    reach = np.array((width, height), np.float32)[:, None, None]
    where = (rng.uniform(-0.5, 1.5, (2, 31, 18)) * reach).astype(np.float32)
    out = np.full((channels, 31, 18), 77, np.float32)
    cpu.drape(texture, where, scratch=cpu.Scratch(), out=out)
    np.testing.assert_allclose(out, reference.drape(texture, where), atol=1e-5)


def test_drape_takes_views_and_reads_no_other_memory_for_a_place_that_is_none():
    texture = np.arange(120, dtype=np.float32).reshape(2, 6, 10)[:, ::2, ::3]
    where = np.array([[[0.5, np.nan]], [[1.5, np.inf]]], np.float32)
    out = np.empty((2, 1, 2, 2), np.float32)[..., 0]
    cpu.drape(texture, where, scratch=cpu.Scratch(), out=out)
    assert out[0, 0, 0] == pytest.approx(31.5)
    assert np.isnan(out[:, 0, 1]).all() or np.isin(out[:, 0, 1], texture).all()

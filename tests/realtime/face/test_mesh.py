"""The mesh is a face: symmetric, in its own units, closed by a ring that holds all of it."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from realtime.face import mesh


def test_the_canonical_face_is_in_its_own_units():
    face = mesh.canonical()
    assert face.shape == (478, 3)
    right, left = face[468], face[473]  # the middles of the irises
    np.testing.assert_allclose(left[:2] - right[:2], [1, 0], atol=0.08)
    np.testing.assert_allclose((left + right)[:2] / 2, 0, atol=0.06)
    assert face[1, 2] < face[10, 2]  # the nose points at the camera
    assert face[152, 1] > face[10, 1]  # the chin lies below the forehead


def test_every_point_has_a_mirror_image():
    face = mesh.canonical()
    assert sorted(mesh.MIRROR) == list(range(478))
    np.testing.assert_array_equal(mesh.MIRROR[mesh.MIRROR], np.arange(478))
    np.testing.assert_allclose(face[mesh.MIRROR], face * [-1, 1, 1], atol=1e-4)
    assert [mesh.MIRROR[p] for p in (33, 61, 159)] == [263, 291, 386]


def test_the_ring_goes_once_around_every_point():
    flat = mesh.canonical_with_ring()
    assert flat.shape == (514, 2)
    middle = flat[list(mesh.OVAL)].mean(axis=0)
    ring = np.linalg.norm(flat[478:] - middle, axis=1)
    outline = np.linalg.norm(flat[list(mesh.OVAL)] - middle, axis=1)
    assert (ring > outline * 1.1).all()
    x, y = (flat[478:] - middle).T
    turn = cast("NDArray[np.float64]", np.unwrap(np.arctan2(y, x)))
    assert (np.diff(turn) > 0).all()
    assert 2 * np.pi * 0.9 < turn[-1] - turn[0] < 2 * np.pi


def test_the_triangles_cover_face_and_ring_once():
    flat = mesh.canonical_with_ring().astype(np.float64)
    corners = flat[mesh.triangles()]
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum() / 2
    ring = flat[478:]
    x, y = ring[:, 0], ring[:, 1]
    inside = abs((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) / 2
    assert set(mesh.triangles().ravel()) >= set(range(468)) | set(range(478, 514))
    np.testing.assert_allclose(area, inside, rtol=0.02)

"""Shade falls where skin folds, follows the coefficients, and stays out of eyes and mouth."""

from __future__ import annotations

import numpy as np
import pytest

from realtime.face import furrows, mesh
from realtime.types import Floats
from tests.portrait import vector


def at(layer: Floats, point: int) -> float:
    x, y = mesh.canonical()[point, :2]
    row = int((y - furrows.TOP) / furrows.STEP)
    column = int((x - furrows.LEFT) / furrows.STEP)
    return float(layer[row, column])


def test_every_layer_is_a_drawing_that_fades_before_the_edge():
    layers = furrows.layers()
    assert len(layers) == len(furrows.FURROWS)
    for layer in (*layers, furrows.crisp()):
        assert 0.02 < np.abs(layer).max() <= 1
        for edge in (layer[0], layer[-1], layer[:, 0], layer[:, -1]):
            assert np.abs(edge).max() < 0.01


def test_every_layer_is_symmetric():
    for layer in (*furrows.layers(), furrows.crisp()):
        np.testing.assert_allclose(layer, layer[:, ::-1], atol=0.02)


@pytest.mark.parametrize("iris", [468, 473])
def test_eyes_take_no_shade(iris: int):
    assert max(abs(at(layer, iris)) for layer in furrows.layers()) < 0.03


@pytest.mark.parametrize(
    ("shows", "deepened"),
    [
        ({"mouthSmile": 1.0}, "nasolabial fold"),
        ({"browDown": 1.0}, "frown lines"),
        ({"browInnerUp": 1.0, "browOuterUp": 1.0}, "forehead lines"),
        ({"noseSneer": 1.0}, "nose wrinkles"),
        ({"mouthFrown": 1.0}, "mouth corners down"),
        ({"mouthShrugLower": 1.0}, "chin"),
    ],
)
def test_a_movement_deepens_its_own_fold_most(shows: dict[str, float], deepened: str):
    depth = furrows.driven(vector(shows))
    assert depth[furrows.ORDER.index(deepened)] == depth.max() > 0.3


def test_a_movement_taken_back_smooths_less_than_it_deepened():
    for name in ("mouthSmile", "browDown"):
        deeper, flatter = (furrows.driven(vector({name: x})) for x in (1.0, -1.0))
        assert (flatter <= 0).all()
        assert np.abs(flatter).max() < deeper.max()


def test_a_fold_is_dark():
    fold = furrows.layers()[furrows.ORDER.index("nasolabial fold")]
    assert at(fold, 206) < -0.02

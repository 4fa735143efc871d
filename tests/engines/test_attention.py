"""The attention mesh's own operators mean what MediaPipe's do, worked out here in plain numbers."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
import onnxruntime
import pytest
from flatbuffers import flexbuffers
from numpy.typing import NDArray

from engines.importer import Importer
from engines.landmarks.attention import OPERATORS
from engines.onnx_file import Graph
from engines.spec import Dialect
from engines.tflite import Network, Operator, Tensor

Floats = NDArray[np.float32]

SUBSETS = ([3, 5, 8, 1, 9], [0, 2, 7])
OUT, SIDE, CHANNELS = 4, 10, 3
RNG = np.random.default_rng(5)
POINTS = RNG.uniform(1, 9, (1, 12, 3)).astype(np.float32)
FEATURES = RNG.normal(size=(1, SIDE, SIDE, CHANNELS)).astype(np.float32)


def around(points: Floats, subset: list[int], scale: float, target: float) -> NDArray[np.float64]:
    """Return [2, 3]: from the small picture into the large one."""
    start, end = points[subset[0], :2], points[subset[1], :2]
    turn = target - math.atan2(end[1] - start[1], end[0] - start[0])
    cos, sin = math.cos(turn), math.sin(turn)
    upright = points[subset, :2] @ np.array([[cos, -sin], [sin, cos]]).T
    low, high = upright.min(axis=0), upright.max(axis=0)
    back = np.array([[cos, sin], [-sin, cos]])
    steps = back @ np.diag((high - low) * scale / OUT)
    origin = back @ ((low + high) / 2) + steps @ np.array([-OUT / 2, -OUT / 2])
    return cast("NDArray[np.float64]", np.column_stack([steps, origin]))


def sampled(features: Floats, matrix: NDArray[np.float64]) -> Floats:
    out = np.zeros((OUT, OUT, CHANNELS), np.float32)
    for row in range(OUT):
        for column in range(OUT):
            x, y = matrix @ [column + 0.5, row + 0.5, 1] - 0.5
            if not (0 <= x <= SIDE - 1 and 0 <= y <= SIDE - 1):
                continue
            i, j = min(int(x), SIDE - 2), min(int(y), SIDE - 2)
            a, b = x - i, y - j
            top = (1 - a) * features[j, i] + a * features[j, i + 1]
            low = (1 - a) * features[j + 1, i] + a * features[j + 1, i + 1]
            out[row, column] = (1 - b) * top + b * low
    return out


def network(scale: float, target: float) -> Network:
    tensors = [Tensor("points", (1, 12, 3), np.float32)]
    tensors.append(Tensor("features", (1, SIDE, SIDE, CHANNELS), np.float32))
    tensors += [Tensor(f"matrix{i}", (1, 4, 4), np.float32) for i in (0, 1)]
    tensors += [Tensor(f"part{i}", (1, OUT, OUT, CHANNELS), np.float32) for i in (0, 1)]
    tensors += [Tensor("found", (1, 12, 2), np.float32), Tensor("moved", (1, 12, 2), np.float32)]
    laid = [settings_of(subset, scale, target) for subset in SUBSETS]
    size: bytes = bytes(flexbuffers.Dumps({"output_height": OUT, "output_width": OUT}))
    steps = (
        Operator("Landmarks2TransformMatrix", (0,), (2,), custom=laid[0]),
        Operator("Landmarks2TransformMatrix", (0,), (3,), custom=laid[1]),
        Operator("TransformTensorBilinear", (1, 2), (4,), custom=size),
        Operator("TransformTensorBilinear", (1, 3), (5,), custom=size),
        Operator("TransformLandmarks", (6, 3), (7,)),
    )
    return Network(tuple(tensors), steps, (0, 1, 6), (2, 3, 4, 5, 7))


def settings_of(subset: list[int], scale: float, target: float) -> bytes:
    settings = {
        "left_rotation_idx": subset[0],
        "right_rotation_idx": subset[1],
        "output_height": OUT,
        "output_width": OUT,
        "scale_x": scale,
        "scale_y": scale,
        "subset_idxs": subset,
        "target_rotation_radians": target,
    }
    return bytes(flexbuffers.Dumps(settings))


@pytest.mark.parametrize("dialect", ["native", "plain"])
@pytest.mark.parametrize(("scale", "target"), [(0.5, 0.0), (1.5, 0.0), (1.0, 0.7)])
def test_rectangles_samples_and_points(dialect: Dialect, scale: float, target: float):
    graph = Graph("toy")
    graph.inputs = [
        ("points", (1, 12, 3), "float32"),
        ("features", (1, CHANNELS, SIDE, SIDE), "float32"),
        ("found", (1, 12, 2), "float32"),
    ]
    importer = Importer(network(scale, target), graph, OPERATORS, dialect=dialect)
    names = importer.run("points", "features", "found")
    shapes = [(1, 4, 4)] * 2 + [(1, CHANNELS, OUT, OUT)] * 2 + [(1, 12, 2)]
    graph.outputs = [(name, shape, "float32") for name, shape in zip(names, shapes, strict=True)]
    session: Any = onnxruntime.InferenceSession(graph.encode(), providers=["CPUExecutionProvider"])
    found = POINTS[..., :2].copy()
    picture = np.ascontiguousarray(FEATURES.transpose(0, 3, 1, 2))
    given = {"points": POINTS, "features": picture, "found": found}
    *matrices, first, second, moved = session.run(names, given)
    expected = [around(POINTS[0], subset, scale, target) for subset in SUBSETS]
    for matrix, wanted in zip(matrices, expected, strict=True):
        np.testing.assert_allclose(matrix[0, :2][:, [0, 1, 3]], wanted, atol=1e-5)
    for part, wanted in zip((first, second), expected, strict=True):
        np.testing.assert_allclose(
            part[0].transpose(1, 2, 0), sampled(FEATURES[0], wanted), atol=1e-4
        )
    at = np.column_stack([found[0], np.ones(12)]) @ expected[1].T
    np.testing.assert_allclose(moved[0], at, atol=1e-4)


def test_what_lies_outside_counts_as_nothing():
    """Else the case above would not have tried it."""
    inside = [sampled(FEATURES[0], around(POINTS[0], s, 1.5, 0.0)) for s in SUBSETS]
    assert any((part == 0).all(axis=2).any() for part in inside)

"""The attention mesh's three operators of its own, in ONNX's words.

After its first look the network looks again, closer, at the lips and at each eye: it lays a turned
rectangle around the points found there (``Landmarks2TransformMatrix``), samples the picture's
features inside (``TransformTensorBilinear``), and brings what it then finds back into the picture
(``TransformLandmarks``). A transform is a [1, 4, 4] matrix, of which only x and y are ever used.

Rectangles that are laid or sampled one after another are done at once. Angles are never computed:
sine and cosine follow from the line between two points.
"""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
from flatbuffers import flexbuffers

from engines.importer import Importer, Steps
from engines.onnx_file import Graph
from engines.tflite import Operator, TfliteError

TINY = 1e-12
"""Keeps two points that coincide from being divided by their distance."""

FAR = 4.0
"""Takes a sampling position from outside the picture to where nothing of it is left."""


def settings(step: Operator) -> dict[str, Any]:
    """Return an operator's own settings by name."""
    return cast("dict[str, Any]", flexbuffers.Loads(step.custom))


def around_points(importer: Importer, steps: Steps) -> None:
    """Lay the rectangles: each as wide as its points, turned like the line between two of them."""
    graph, options = importer.graph, [settings(step) for step in steps]
    (points,) = {importer.name(step.inputs[0]) for step in steps}
    xy = graph.add("Slice", points, *(graph.constant([n]) for n in (0, 2, 2)))
    turn = _turn(importer, xy, options)
    upright = _times(importer, _chosen(graph, xy, options), turn)
    high = graph.add("ReduceMax", upright, axes=(2,), keepdims=1)
    low = graph.add("ReduceMin", upright, axes=(2,), keepdims=1)
    half = graph.floats([0.5])
    back = graph.add("Transpose", turn, perm=(0, 1, 3, 2))
    middle = _times(importer, graph.add("Mul", graph.add("Add", high, low), half), back)
    sizes = np.array([[o["output_width"], o["output_height"]] for o in options], np.float32)
    scales = np.array([[o["scale_x"], o["scale_y"]] for o in options], np.float32) / sizes
    extent = graph.add("Mul", graph.add("Sub", high, low), graph.constant(scales[None, :, None]))
    # Rows of ``back`` times the extent are where one step along the rectangle's sides leads.
    sides = graph.add("Mul", graph.add("Transpose", extent, perm=(0, 1, 3, 2)), back)
    corner = graph.constant(-sizes[None, :, None] / 2)
    origin = graph.add("Add", _times(importer, corner, sides), middle)
    importer.give_all(steps, _matrices(graph, sides, origin, len(steps)))


def _chosen(graph: Graph, xy: str, options: list[dict[str, Any]]) -> str:
    """Return [1, rectangles, points, 2]; a shorter list of points repeats its first."""
    lists = [[int(i) for i in o["subset_idxs"]] for o in options]
    longest = max(len(chosen) for chosen in lists)
    even = [chosen + chosen[:1] * (longest - len(chosen)) for chosen in lists]
    return graph.add("Gather", xy, graph.constant(np.array(even, np.int64)), axis=1)


def _times(importer: Importer, rows: str, matrix: str) -> str:
    """Return row vectors times small matrices, both [..., n, k] and [..., k, m].

    TensorRT for RTX has no fp32 matrix product on Turing, and it would be a waste for two numbers.
    """
    graph = importer.graph
    if importer.dialect == "plain":
        return graph.add("MatMul", rows, matrix)
    column = graph.add("Unsqueeze", rows, graph.constant([-1]))
    products = graph.add("Mul", column, graph.add("Unsqueeze", matrix, graph.constant([-3])))
    return graph.add("ReduceSum", products, graph.constant([-2]), keepdims=0)


def _turn(importer: Importer, xy: str, options: list[dict[str, Any]]) -> str:
    """Return [1, rectangles, 2, 2], which makes each line upright; for row vectors."""
    graph = importer.graph
    (target,) = {float(o["target_rotation_radians"]) for o in options}
    left, right = (
        graph.add(
            "Gather", xy, graph.constant([int(o[f"{side}_rotation_idx"]) for o in options]), axis=1
        )
        for side in ("left", "right")
    )
    line = graph.add("Sub", right, left)
    length = graph.add("ReduceL2", line, axes=(2,), keepdims=1)
    unit = graph.add("Div", line, graph.add("Max", length, graph.floats([TINY])))
    # unit is (cos a, sin a) of the line; the turn is by t - a.
    cos, sin = math.cos(target), math.sin(target)
    across = np.array([[cos, sin, -sin, cos], [sin, -cos, cos, sin]], np.float32)
    entries = _times(importer, unit, graph.constant(across[None]))
    return graph.add("Reshape", entries, graph.constant([1, len(options), 2, 2]))


def _matrices(graph: Graph, sides: str, origin: str, count: int) -> str:
    """Return [1, 4 * rectangles, 4]: one matrix below the other."""
    none = graph.constant(np.zeros((1, count, 1, 2), np.float32))
    columns = graph.add("Concat", sides, none, origin, axis=2)
    rows = graph.add("Transpose", columns, perm=(0, 1, 3, 2))
    rest = graph.constant(
        np.tile(np.array([[0, 0, 1, 0], [0, 0, 0, 1]], np.float32), (1, count, 1, 1))
    )
    whole = graph.add("Concat", rows, rest, axis=2)
    return graph.add("Reshape", whole, graph.constant([1, 4 * count, 4]))


def sample(importer: Importer, steps: Steps) -> None:
    """Sample features under the transforms; a position outside of them gives 0."""
    graph, options, count = importer.graph, settings(steps[0]), len(steps)
    (features,) = {importer.as_floats(importer.name(step.inputs[0])) for step in steps}
    height, width, channels = importer.tensor(steps[0].inputs[0]).shape[1:]
    rows, columns = int(options["output_height"]), int(options["output_width"])
    # The middle of a pixel is half a step from its corner, in both pictures.
    x, y = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
    places = np.stack([x, y], axis=-1).reshape(1, 1, -1, 2).astype(np.float32)
    matrices = importer.joined([step.inputs[1] for step in steps])
    sides, origin = _of_rows(graph, matrices, count)
    xy = graph.add("Add", _times(importer, graph.constant(places), sides), origin)
    if importer.dialect == "plain":
        taken = _gather(graph, features, xy, (height, width, channels))
        apart, order = [1, count, rows * columns, channels], (0, 1, 3, 2)
    else:
        taken = _grid_sample(graph, features, xy, (height, width), (count * rows, columns))
        apart, order = [1, channels, count, rows * columns], (0, 2, 1, 3)
    by_place = graph.add("Reshape", taken, graph.constant(apart))
    by_channel = graph.add("Transpose", by_place, perm=order)
    shape = graph.constant([1, count * channels, rows, columns])
    importer.give_all(steps, importer.as_picture(graph.add("Reshape", by_channel, shape)))


def _of_rows(graph: Graph, matrices: str, count: int) -> tuple[str, str]:
    """Return what row vectors are multiplied by, [1, count, 2, 2], and moved by."""
    each = graph.add("Reshape", matrices, graph.constant([1, count, 4, 4]))
    rows = graph.add("Transpose", each, perm=(0, 1, 3, 2))
    sides, origin = (
        graph.add("Slice", rows, *(graph.constant(v) for v in ([a, 0], [b, 2], [2, 3])))
        for a, b in ((0, 2), (3, 4))
    )
    return sides, origin


def _grid_sample(
    graph: Graph, features: str, xy: str, size: tuple[int, int], out: tuple[int, int]
) -> str:
    """Return [1, channels, *out] by ONNX's own operator."""
    # It counts from -1 in the middle of the first pixel to 1 in that of the last.
    ends = np.array([size[1] - 1, size[0] - 1], np.float32)
    grid = graph.add(
        "Sub", graph.add("Mul", xy, graph.constant(2 / ends)), graph.constant(1 / ends + 1)
    )
    outside = graph.add("Greater", graph.add("Abs", grid), graph.floats([1]))
    away = graph.add("Mul", grid, graph.floats([FAR]))
    grid = graph.add("Where", outside, away, grid)
    grid = graph.add("Reshape", grid, graph.constant([1, *out, 2]))
    return graph.add(
        "GridSample", features, grid, align_corners=1, mode="bilinear", padding_mode="zeros"
    )


def _gather(graph: Graph, features: str, xy: str, size: tuple[int, int, int]) -> str:
    """Return [places, channels]: the four pixels around each place, weighted."""
    height, width, channels = size
    ends = np.array([width - 1, height - 1], np.float32)
    at = graph.add("Sub", xy, graph.floats([0.5]))
    at = graph.add("Reshape", at, graph.constant([-1, 2]))
    held = graph.add("Min", graph.add("Max", at, graph.floats([0])), graph.constant(ends))
    inside = graph.add("Cast", graph.add("Equal", held, at), to=1)
    corner = graph.add("Min", graph.add("Floor", held), graph.constant(ends - 1))
    first = graph.add("Cast", graph.add("MatMul", corner, graph.floats([[1], [width]])), to=7)
    four = graph.add("Add", first, graph.constant(np.array([[0, 1, width, width + 1]], np.int64)))
    far = graph.add("Sub", held, corner)
    near = graph.add("Sub", graph.floats([1]), far)
    far, near = (graph.add("Mul", share, inside) for share in (far, near))
    (near_x, near_y), (far_x, far_y) = (
        graph.split(share, axis=1, count=2) for share in (near, far)
    )
    shares = [graph.add("Mul", b, a) for a in (near_y, far_y) for b in (near_x, far_x)]
    weights = graph.add("Concat", *shares, axis=1)
    weights = graph.add("Unsqueeze", weights, graph.constant([2]))
    rows = graph.add("Transpose", features, perm=(0, 2, 3, 1))
    rows = graph.add("Reshape", rows, graph.constant([height * width, channels]))
    weighted = graph.add("Mul", graph.add("Gather", rows, four, axis=0), weights)
    return graph.add("ReduceSum", weighted, graph.constant([1]), keepdims=0)


def carry_back(importer: Importer, steps: Steps) -> None:
    """Apply each transform to its points of two coordinates."""
    graph = importer.graph
    for step in steps:
        points, matrix = step.inputs
        count, coordinates = importer.tensor(points).shape[1:]
        if coordinates != 2:
            raise TfliteError("TransformLandmarks of three coordinates is not known here")
        sides, origin = _of_rows(graph, importer.name(matrix), 1)
        flat = graph.add("Reshape", importer.name(points), graph.constant([1, 1, count, 2]))
        moved = graph.add("Add", _times(importer, flat, sides), origin)
        importer.give(step, graph.add("Reshape", moved, graph.constant([1, count, 2])))


OPERATORS = {
    "Landmarks2TransformMatrix": around_points,
    "TransformTensorBilinear": sample,
    "TransformLandmarks": carry_back,
}

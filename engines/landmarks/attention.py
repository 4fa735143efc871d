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

from engines.importer import Importer, Steps
from engines.onnx_file import Graph
from engines.tflite import Operator, TfliteError

TINY = 1e-12
"""Keeps two points that coincide from being divided by their distance."""

FAR = 4.0
"""Takes a sampling position from outside the picture to where nothing of it is left."""


def settings(step: Operator) -> dict[str, Any]:
    """Return an operator's own settings by name."""
    from flatbuffers import flexbuffers

    return cast("dict[str, Any]", flexbuffers.Loads(step.custom))


def around_points(importer: Importer, steps: Steps) -> None:
    """Lay the rectangles: each as wide as its points, turned like the line between two of them."""
    graph, options = importer.graph, [settings(step) for step in steps]
    (points,) = {importer.name(step.inputs[0]) for step in steps}
    xy = graph.add("Slice", points, *(graph.constant([n]) for n in (0, 2, 2)))
    turn = _turn(graph, xy, options)
    upright = graph.add("MatMul", _chosen(graph, xy, options), turn)
    high = graph.add("ReduceMax", upright, axes=(2,), keepdims=1)
    low = graph.add("ReduceMin", upright, axes=(2,), keepdims=1)
    half = graph.constant(np.float32([0.5]))
    back = graph.add("Transpose", turn, perm=(0, 1, 3, 2))
    middle = graph.add("MatMul", graph.add("Mul", graph.add("Add", high, low), half), back)
    sizes = np.float32([[o["output_width"], o["output_height"]] for o in options])
    scales = np.float32([[o["scale_x"], o["scale_y"]] for o in options]) / sizes
    extent = graph.add("Mul", graph.add("Sub", high, low), graph.constant(scales[None, :, None]))
    # Rows of ``back`` times the extent are where one step along the rectangle's sides leads.
    sides = graph.add("Mul", graph.add("Transpose", extent, perm=(0, 1, 3, 2)), back)
    corner = graph.constant(-sizes[None, :, None] / 2)
    origin = graph.add("Add", graph.add("MatMul", corner, sides), middle)
    importer.give_all(steps, _matrices(graph, sides, origin, len(steps)))


def _chosen(graph: Graph, xy: str, options: list[dict[str, Any]]) -> str:
    """Return [1, rectangles, points, 2]; a shorter list of points repeats its first."""
    lists = [[int(i) for i in o["subset_idxs"]] for o in options]
    longest = max(len(chosen) for chosen in lists)
    even = [chosen + chosen[:1] * (longest - len(chosen)) for chosen in lists]
    return graph.add("Gather", xy, graph.constant(np.int64(even)), axis=1)


def _turn(graph: Graph, xy: str, options: list[dict[str, Any]]) -> str:
    """Return [1, rectangles, 2, 2], which makes each line upright, for row vectors from its right."""
    (target,) = {float(o["target_rotation_radians"]) for o in options}
    left, right = (
        graph.add("Gather", xy, graph.constant([int(o[f"{side}_rotation_idx"]) for o in options]), axis=1)
        for side in ("left", "right")
    )
    line = graph.add("Sub", right, left)
    length = graph.add("ReduceL2", line, axes=(2,), keepdims=1)
    unit = graph.add("Div", line, graph.add("Max", length, graph.constant(np.float32([TINY]))))
    # unit is (cos a, sin a) of the line; the turn is by t - a.
    cos, sin = math.cos(target), math.sin(target)
    across = np.float32([[cos, sin, -sin, cos], [sin, -cos, cos, sin]])
    entries = graph.add("MatMul", unit, graph.constant(across))
    return graph.add("Reshape", entries, graph.constant([1, len(options), 2, 2]))


def _matrices(graph: Graph, sides: str, origin: str, count: int) -> str:
    """Return [1, 4 * rectangles, 4]: one matrix below the other."""
    none = graph.constant(np.zeros((1, count, 1, 2), np.float32))
    columns = graph.add("Concat", sides, none, origin, axis=2)
    rows = graph.add("Transpose", columns, perm=(0, 1, 3, 2))
    rest = graph.constant(np.tile(np.float32([[0, 0, 1, 0], [0, 0, 0, 1]]), (1, count, 1, 1)))
    whole = graph.add("Concat", rows, rest, axis=2)
    return graph.add("Reshape", whole, graph.constant([1, 4 * count, 4]))


def sample(importer: Importer, steps: Steps) -> None:
    """Sample features under the transforms; a position outside of them gives 0."""
    graph, options = importer.graph, settings(steps[0])
    (features,) = {importer.as_floats(importer.name(step.inputs[0])) for step in steps}
    height, width, channels = importer.tensor(steps[0].inputs[0]).shape[1:]
    rows, columns = int(options["output_height"]), int(options["output_width"])
    # The middle of a pixel is half a step from its corner, in both pictures.
    x, y = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
    places = np.stack([x, y, 0 * x, 0 * x + 1], axis=-1).reshape(1, 1, -1, 4).astype(np.float32)
    matrices = importer.joined([step.inputs[1] for step in steps])
    each = graph.add("Reshape", matrices, graph.constant([1, len(steps), 4, 4]))
    there = graph.add("MatMul", graph.constant(places), graph.add("Transpose", each, perm=(0, 1, 3, 2)))
    xy = graph.add("Slice", there, *(graph.constant([n]) for n in (0, 2, 3)))
    if importer.dialect == "plain":
        taken = _gather(graph, features, xy, (height, width, channels))
        by_place = graph.add("Reshape", taken, graph.constant([1, len(steps), rows * columns, channels]))
        by_channel = graph.add("Transpose", by_place, perm=(0, 1, 3, 2))
    else:
        taken = _grid_sample(graph, features, xy, (height, width), (len(steps) * rows, columns))
        by_place = graph.add("Reshape", taken, graph.constant([1, channels, len(steps), rows * columns]))
        by_channel = graph.add("Transpose", by_place, perm=(0, 2, 1, 3))
    shape = graph.constant([1, len(steps) * channels, rows, columns])
    importer.give_all(steps, importer.as_picture(graph.add("Reshape", by_channel, shape)))


def _grid_sample(
    graph: Graph, features: str, xy: str, size: tuple[int, int], out: tuple[int, int]
) -> str:
    """Return [1, channels, *out] by ONNX's own operator."""
    # It counts from -1 in the middle of the first pixel to 1 in that of the last.
    ends = np.float32([size[1] - 1, size[0] - 1])
    grid = graph.add("Sub", graph.add("Mul", xy, graph.constant(2 / ends)), graph.constant(1 / ends + 1))
    outside = graph.add("Greater", graph.add("Abs", grid), graph.constant(np.float32([1])))
    away = graph.add("Mul", grid, graph.constant(np.float32([FAR])))
    grid = graph.add("Where", outside, away, grid)
    grid = graph.add("Reshape", grid, graph.constant([1, *out, 2]))
    return graph.add(
        "GridSample", features, grid, align_corners=1, mode="bilinear", padding_mode="zeros"
    )


def _gather(graph: Graph, features: str, xy: str, size: tuple[int, int, int]) -> str:
    """Return [places, channels]: the four pixels around each place, weighted."""
    height, width, channels = size
    ends = np.float32([width - 1, height - 1])
    at = graph.add("Sub", xy, graph.constant(np.float32([0.5])))
    at = graph.add("Reshape", at, graph.constant([-1, 2]))
    held = graph.add("Min", graph.add("Max", at, graph.constant(np.float32([0]))), graph.constant(ends))
    inside = graph.add("Cast", graph.add("Equal", held, at), to=1)
    corner = graph.add("Min", graph.add("Floor", held), graph.constant(ends - 1))
    first = graph.add("Cast", graph.add("MatMul", corner, graph.constant(np.float32([[1], [width]]))), to=7)
    four = graph.add("Add", first, graph.constant(np.int64([[0, 1, width, width + 1]])))
    far = graph.add("Sub", held, corner)
    near = graph.add("Sub", graph.constant(np.float32([1])), far)
    far, near = (graph.add("Mul", share, inside) for share in (far, near))
    (near_x, near_y), (far_x, far_y) = (graph.split(share, axis=1, count=2) for share in (near, far))
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
        if importer.tensor(points).shape[2] != 2:
            raise TfliteError("TransformLandmarks of three coordinates is not known here")
        rows = graph.add("Transpose", importer.name(matrix), perm=(0, 2, 1))
        first = graph.add("Slice", rows, *(graph.constant(v) for v in ([0, 0], [2, 2], [1, 2])))
        last = graph.add("Slice", rows, *(graph.constant(v) for v in ([3, 0], [4, 2], [1, 2])))
        moved = graph.add("MatMul", importer.name(points), first)
        importer.give(step, graph.add("Add", moved, last))


OPERATORS = {
    "Landmarks2TransformMatrix": around_points,
    "TransformTensorBilinear": sample,
    "TransformLandmarks": carry_back,
}

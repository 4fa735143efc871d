"""The networks that find a face and its points: where they come from, and how they become ONNX.

They are MediaPipe's, and stay in its wheel: what is made of them lies in the user's cache, never in
this package. Each takes a picture of bytes, [1, H, W, 3] RGB; the scaling of its values is part of
the network here, and so is what MediaPipe does with a network's outputs before anyone sees them.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engines import tflite
from engines.importer import Importer
from engines.landmarks import attention
from engines.onnx_file import Graph
from engines.spec import Dialect, Spec, Tensor
from engines.tflite import Network, TfliteError

POINTS, IRISES = 468, 5
"""Points of the plain mesh; further ones of each iris, which the attention mesh adds."""

WHEEL = "mediapipe==0.10.21"


class SourceMissing(Exception):
    """MediaPipe, or a network in it, is not there or not the one known here."""


@dataclass(frozen=True, slots=True)
class Source:
    """A network in MediaPipe's wheel.

    Attributes:
        path: inside the wheel.
        digest: SHA-256 of the file that this importer was tried with.
        spec: what the ONNX made of it takes and gives.
        describe: appends the whole network to a graph.
    """

    path: str
    digest: str
    spec: Spec
    describe: Callable[[Network, Graph, Dialect], None]

    def read(self) -> bytes:
        """Return the file as it lies in the wheel, without importing MediaPipe.

        Raises:
            SourceMissing: it is absent or has changed.
        """
        found = importlib.util.find_spec("mediapipe")
        if found is None or not found.submodule_search_locations:
            raise SourceMissing(f"the landmark networks come with MediaPipe: pip install {WHEEL}")
        path = Path(next(iter(found.submodule_search_locations))) / self.path
        try:
            data = path.read_bytes()
        except OSError as error:
            raise SourceMissing(
                f"this MediaPipe carries no {path.name}; the one that does: pip install {WHEEL}"
            ) from error
        if hashlib.sha256(data).hexdigest() != self.digest:
            raise SourceMissing(
                f"this MediaPipe carries another {path.name} than the one known here; "
                f"the one that is: pip install {WHEEL}"
            )
        return data

    def convert(self, data: bytes, dialect: Dialect) -> bytes:
        """Return the network as an ONNX file.

        Raises:
            TfliteError: the file is not what it should be.
        """
        graph = Graph(self.spec.name)
        graph.inputs = [(t.name, t.shape, t.dtype) for t in self.spec.inputs]
        graph.outputs = [(t.name, t.shape, t.dtype) for t in self.spec.outputs]
        self.describe(tflite.read(data), graph, dialect)
        return graph.encode(
            {"source": self.path, "source_sha256": hashlib.sha256(data).hexdigest()}
        )


def _pixels(graph: Graph, scale: float, offset: float) -> str:
    """Return the picture as [1, 3, H, W] of ``scale`` times its bytes and ``offset``."""
    value = graph.add("Cast", "image", to=1)
    value = graph.add("Mul", value, graph.floats([scale]))
    if offset:
        value = graph.add("Add", value, graph.floats([offset]))
    return graph.add("Transpose", value, perm=(0, 3, 1, 2))


def _detector(network: Network, graph: Graph, dialect: Dialect) -> None:
    importer = Importer(network, graph, {}, dialect=dialect)
    boxes, logits = importer.run(_pixels(graph, 2 / 255, -1.0))
    scores = graph.add("Sigmoid", graph.add("Clip", logits, *_limits(graph, 100.0)))
    graph.name_output(boxes, "boxes")
    graph.name_output(scores, "scores")


def _limits(graph: Graph, most: float) -> tuple[str, str]:
    return graph.floats(-most), graph.floats(most)


def _mesh(network: Network, graph: Graph, dialect: Dialect) -> None:
    importer = Importer(network, graph, {}, dialect=dialect)
    mesh, flag = importer.run(_pixels(graph, 1 / 255, 0.0))
    points = graph.add("Reshape", mesh, graph.constant([1, POINTS, 3]))
    _give(graph, points, flag)


def _attention_mesh(network: Network, graph: Graph, dialect: Dialect) -> None:
    importer = Importer(network, graph, attention.OPERATORS, dialect=dialect)
    mesh, *closer, flag = importer.run(_pixels(graph, 1 / 255, 0.0))
    points = graph.add("Reshape", mesh, graph.constant([1, POINTS, 3]))
    _give(graph, _refined(graph, network, points, closer), flag)


def _refined(graph: Graph, network: Network, mesh: str, closer: list[str]) -> str:
    """Put the points of the closer looks in the places of the first look's.

    A closer look gives its points in the order of those that its rectangle was laid around. The
    depth of a point stays the first look's; an iris takes the mean of its eye's outline.
    """
    steps = [s for s in network.operators if s.kind == "Landmarks2TransformMatrix"]
    subsets = [[int(i) for i in attention.settings(step)["subset_idxs"]] for step in steps]
    if [len(subset) for subset in subsets] != [80, 71, 71]:
        raise TfliteError("the closer looks are not at the lips and the eyes")
    order, seen = list(range(POINTS)), POINTS
    for subset in subsets:
        for offset, point in enumerate(subset):
            order[point] = seen + offset
        seen += len(subset)
    order += range(seen, seen + 2 * IRISES)
    flat = [
        graph.add("Reshape", part, graph.constant([1, count, 2]))
        for part, count in zip(closer, (80, 71, 71, IRISES, IRISES), strict=True)
    ]
    first = graph.add("Slice", mesh, *(graph.constant([n]) for n in (0, 2, 2)))
    depth = graph.add("Slice", mesh, *(graph.constant([n]) for n in (2, 3, 2)))
    xy = graph.add(
        "Gather", graph.add("Concat", first, *flat, axis=1), graph.constant(order), axis=1
    )
    depths = [depth]
    for eye in subsets[1:]:
        outline = graph.add("Gather", depth, graph.constant(eye[:OUTLINE]), axis=1)
        mean = graph.add("ReduceMean", outline, axes=(1,), keepdims=1)
        depths.append(graph.add("Expand", mean, graph.constant([1, IRISES, 1])))
    return graph.add("Concat", xy, graph.add("Concat", *depths, axis=1), axis=2)


OUTLINE = 16
"""How many of an eye's points, its first, are the edges of its lids."""


def _give(graph: Graph, points: str, flag: str) -> None:
    graph.name_output(points, "points")
    presence = graph.add("Sigmoid", graph.add("Reshape", flag, graph.constant([1, 1])))
    graph.name_output(presence, "presence")


def _mesh_spec(name: str, points: int) -> Spec:
    return Spec(
        name,
        (Tensor("image", (1, 192, 192, 3), "uint8"),),
        (Tensor("points", (1, points, 3)), Tensor("presence", (1, 1))),
    )


SOURCES: dict[str, Source] = {
    "face_detector": Source(
        "modules/face_detection/face_detection_short_range.tflite",
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
        Spec(
            "face_detector",
            (Tensor("image", (1, 128, 128, 3), "uint8"),),
            (Tensor("boxes", (1, 896, 16)), Tensor("scores", (1, 896, 1))),
        ),
        _detector,
    ),
    "face_mesh": Source(
        "modules/face_landmark/face_landmark.tflite",
        "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
        _mesh_spec("face_mesh", POINTS),
        _mesh,
    ),
    "face_mesh_attention": Source(
        "modules/face_landmark/face_landmark_with_attention.tflite",
        "e06a804e0144f9929eda782122916b35d60c697c3c9344013ca2bbe76a6ce2b4",
        _mesh_spec("face_mesh_attention", POINTS + 2 * IRISES),
        _attention_mesh,
    ),
}

"""What is written is ONNX, and means what was asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from engines.onnx_file import Graph


def run(graph: Graph, **inputs: NDArray[Any]) -> list[NDArray[Any]]:
    data = graph.encode({"made": "in a test"})
    onnx.checker.check_model(data, full_check=True)
    session: Any = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return session.run(None, inputs)


def graph(*outputs: tuple[str, tuple[int, ...]]) -> Graph:
    made = Graph("toy", inputs=[("x", (2, 4), "float32")])
    made.outputs = [(name, shape, "float32") for name, shape in outputs]
    return made


def test_numbers_of_every_kind_arrive():
    made = graph(("y", (2, 4)))
    leaky = made.add("LeakyRelu", "x", alpha=0.25)
    turned = made.add("Transpose", leaky, perm=(1, 0))
    shaped = made.add("Reshape", turned, made.constant([2, -1]))
    made.name_output(made.add("Mul", shaped, made.floats([[-2.0], [300.0]])), "y")
    x = np.array([[-1, 2, -3, 4], [5, -6, 7, -8]], np.float32)
    expected = np.where(x < 0, x / 4, x).T.reshape(2, 4) * [[-2], [300]]
    (y,) = run(made, x=x)
    np.testing.assert_allclose(y, expected)


def test_parts_of_a_split_keep_their_order():
    made = graph(("first", (2, 2)), ("second", (2, 2)))
    for name, part in zip(("first", "second"), made.split("x", 1, 2), strict=True):
        made.name_output(part, name)
    x = np.arange(8, dtype=np.float32).reshape(2, 4)
    first, second = run(made, x=x)
    np.testing.assert_array_equal(np.concatenate([first, second], axis=1), x)


def test_the_same_operator_on_the_same_values_is_there_once():
    made = graph(("y", (2, 4)))
    one, two = (made.add("Add", "x", made.floats([1.0])) for _ in range(2))
    assert one == two
    assert made.add("Add", "x", made.floats([2.0])) != one


def test_the_same_graph_gives_the_same_bytes():
    files: list[bytes] = []
    for _ in range(2):
        made = graph(("y", (2, 4)))
        made.name_output(made.add("Relu", "x"), "y")
        files.append(made.encode({"b": "2", "a": "1"}))
    assert files[0] == files[1]

"""Writing an ONNX file: a graph as a list of operators, put into protobuf's wire format by hand.

The ``onnx`` package would do it too, but nothing else needs it at run time, and what a network
without training takes of the format is small. The tests let ``onnx.checker`` judge the result.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engines.protobuf import FIXED32, Field, block, varint, whole

OPSET = 17
"""GridSample came with 16; every back-end reads 17."""

IR_VERSION = 8

PRODUCER = "visavis"

_TYPES: dict[str, int] = {
    "float32": 1,
    "uint8": 2,
    "int32": 6,
    "int64": 7,
    "bool": 9,
    "float16": 10,
}

Port = tuple[str, tuple[int, ...], str]

Attribute = int | float | str | Sequence[int] | Sequence[float]


@dataclass(slots=True)
class Graph:
    """An ONNX graph while it is being built. Values are known by name.

    Attributes:
        name: what the network is called in the file.
        inputs: (name, shape, dtype) of what it takes.
        outputs: the same of what it gives.
    """

    name: str
    inputs: list[Port] = field(default_factory=list[Port])
    outputs: list[Port] = field(default_factory=list[Port])
    _nodes: list[bytes] = field(default_factory=list[bytes])
    _constants: dict[str, bytes] = field(default_factory=dict[str, bytes])
    _known: dict[bytes, str] = field(default_factory=dict[bytes, str])
    _count: int = 0

    def add(self, kind: str, *inputs: str, **attributes: Attribute) -> str:
        """Append an operator with one output and return that output's name.

        The same operator on the same values is there only once.
        """
        (name,) = self._append(kind, inputs, 1, attributes)
        return name

    def split(self, value: str, axis: int, count: int) -> list[str]:
        """Append a split of ``value`` into ``count`` equal parts and return their names."""
        return self._append("Split", (value,), count, {"axis": axis})

    def name_output(self, value: str, name: str) -> None:
        """Call ``value`` ``name`` from outside."""
        self._nodes.append(_node("Identity", (value,), (name,), {}))

    def _append(
        self, kind: str, inputs: Sequence[str], count: int, attributes: Mapping[str, Attribute]
    ) -> list[str]:
        likeness = _node(kind, inputs, [""] * count, attributes)
        if likeness not in self._known:
            first = self._known[likeness] = self.fresh(kind.lower())
            outputs = [first, *(f"{first}_{i}" for i in range(1, count))]
            self._nodes.append(_node(kind, inputs, outputs, attributes))
        first = self._known[likeness]
        return [first, *(f"{first}_{i}" for i in range(1, count))]

    def constant(self, value: NDArray[Any] | Sequence[int] | Sequence[float]) -> str:
        """Store an array once and return its name; whole numbers become int64, others float32."""
        array = np.asarray(value)
        if not isinstance(value, np.ndarray):
            array = array.astype(np.int64 if array.dtype.kind in "iu" else np.float32)
        likeness = _tensor("", array)
        if likeness not in self._known:
            name = self._known[likeness] = self.fresh("constant")
            self._constants[name] = _tensor(name, array)
        return self._known[likeness]

    def floats(self, value: ArrayLike) -> str:
        """Store numbers as float32 and return their name."""
        return self.constant(np.asarray(value, np.float32))

    def fresh(self, hint: str) -> str:
        """Return a name that nothing has yet."""
        self._count += 1
        return f"{hint}_{self._count}"

    def encode(self, notes: Mapping[str, str] | None = None) -> bytes:
        """Return the file's bytes; the same graph gives the same bytes."""
        graph = [block(1, node) for node in self._nodes]
        graph.append(_text(2, self.name))
        graph += [block(5, tensor) for tensor in self._constants.values()]
        graph += [block(11, _value(*entry)) for entry in self.inputs]
        graph += [block(12, _value(*entry)) for entry in self.outputs]
        opset = _text(1, "") + whole(2, OPSET)
        model = [
            whole(1, IR_VERSION),
            _text(2, PRODUCER),
            block(7, b"".join(graph)),
            block(8, opset),
        ]
        for key, value in sorted((notes or {}).items()):
            model.append(block(14, _text(1, key) + _text(2, value)))
        return b"".join(model)


def _node(
    kind: str, inputs: Sequence[str], outputs: Sequence[str], attributes: Mapping[str, Attribute]
) -> bytes:
    parts = [_text(1, value) for value in inputs] + [_text(2, value) for value in outputs]
    parts += [_text(3, f"{kind}:{outputs[0]}"), _text(4, kind)]
    parts += [block(5, _attribute(key, value)) for key, value in sorted(attributes.items())]
    return b"".join(parts)


def _tensor(name: str, array: NDArray[Any]) -> bytes:
    kind = _TYPES[array.dtype.name]
    raw = np.ascontiguousarray(array).tobytes()
    return _packed(1, array.shape) + whole(2, kind) + _text(8, name) + block(9, raw)


def _value(name: str, shape: tuple[int, ...], dtype: str) -> bytes:
    dims = b"".join(block(1, whole(1, size)) for size in shape)
    tensor = whole(1, _TYPES[dtype]) + block(2, dims)
    return _text(1, name) + block(2, block(1, tensor))


def _attribute(name: str, value: Attribute) -> bytes:
    head = _text(1, name)
    if isinstance(value, int):
        return head + whole(3, value) + whole(20, 2)
    if isinstance(value, float):
        return head + Field(2, FIXED32, struct.pack("<f", value)).encoded() + whole(20, 1)
    if isinstance(value, str):
        return head + _text(4, value) + whole(20, 3)
    if all(isinstance(item, int) for item in value):
        return head + _packed(8, [int(item) for item in value]) + whole(20, 7)
    return head + block(7, struct.pack(f"<{len(value)}f", *value)) + whole(20, 6)


def _text(number: int, text: str) -> bytes:
    return block(number, text.encode())


def _packed(number: int, values: Iterable[int]) -> bytes:
    return block(number, b"".join(varint(int(value)) for value in values))

"""A network's file with its pictures and weights as numbers of 16 bits, for GPUs.

What goes in and out stays of 32 bits, and is changed on the way. The file is rewritten message by
message, so that nobody needs ONNX's own package for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from engines.cache import Cache, Made
from engines.protobuf import BLOCK, VARINT, Field, fields_of, joined
from engines.spec import Dialect

FLOAT, HALF = 1, 10
"""ONNX's numbers for the two types."""

KEPT = {"Resize": (1, 2)}
"""Inputs, by operator, that ONNX wants as 32 bits whatever the picture is."""

LEAST = np.float32(6e-8)
"""What is not nothing is at least this, of 16 bits."""

# Numbers of fields, by message.
MODEL_GRAPH = 7
GRAPH_NODE, GRAPH_CONSTANT, GRAPH_INPUT, GRAPH_OUTPUT, GRAPH_VALUE = 1, 5, 11, 12, 13
NODE_INPUT, NODE_OUTPUT, NODE_NAME, NODE_KIND, NODE_ATTRIBUTE = 1, 2, 3, 4, 5
ATTRIBUTE_NAME, ATTRIBUTE_INT, ATTRIBUTE_TENSOR, ATTRIBUTE_KIND = 1, 3, 5, 20
TENSOR_TYPE, TENSOR_FLOATS, TENSOR_NAME, TENSOR_RAW = 2, 4, 8, 9
VALUE_NAME, VALUE_TYPE = 1, 2


@dataclass(frozen=True, slots=True)
class HalvedFile:
    """A network of 32 bits in a file, that GPUs get in 16.

    Attributes:
        path: of the file.
        cache: where the other is kept.
    """

    path: Path
    cache: Cache

    def onnx(self, dialect: Dialect) -> Path:
        """Return the file, or the other."""
        if dialect != "half":
            return self.path
        data = self.path.read_bytes()
        key = {"source_sha256": sha256(data).hexdigest(), "rewritten": "to 16 bits, 1"}
        name = f"{self.path.stem}-half"
        return self.cache.fetch(name, ".onnx", key, lambda: Made(halved(data)))


def halved(onnx: bytes) -> bytes:
    """Return the file of the same network in 16 bits.

    Raises:
        ValueError: it is no such file.
    """
    return joined(
        Field(f.number, f.wire, _graph(f.block)) if f.number == MODEL_GRAPH else f
        for f in fields_of(onnx)
    )


def _graph(data: bytes) -> bytes:
    fields = list(fields_of(data))
    nodes = [f.block for f in fields if f.number == GRAPH_NODE]
    kept = {name for node in nodes for name in _kept_by(node)}
    given = [_name(f.block, VALUE_NAME) for f in fields if _is_float(f, GRAPH_INPUT)]
    wanted = [_name(f.block, VALUE_NAME) for f in fields if _is_float(f, GRAPH_OUTPUT)]
    other = {name: f"{name} of 16 bits" for name in (*given, *wanted)}
    out: list[Field] = [_cast(name, other[name], HALF) for name in given]
    for f in fields:
        if f.number == GRAPH_NODE:
            out.append(Field(GRAPH_NODE, BLOCK, _node(f.block, other)))
        elif f.number == GRAPH_CONSTANT and _name(f.block, TENSOR_NAME) not in kept:
            out.append(Field(GRAPH_CONSTANT, BLOCK, _tensor(f.block)))
        elif f.number != GRAPH_VALUE:  # what is said of values inside is no longer true
            out.append(f)
    out.extend(_cast(other[name], name, FLOAT) for name in wanted)
    return joined(out)


def _kept_by(node: bytes) -> list[str]:
    places = KEPT.get(_name(node, NODE_KIND), ())
    inputs = [f.block.decode() for f in fields_of(node) if f.number == NODE_INPUT]
    return [name for place, name in enumerate(inputs) if place in places and name]


def _node(data: bytes, other: dict[str, str]) -> bytes:
    """Return an operator that reads and writes the values of 16 bits."""
    casts = _name(data, NODE_KIND) == "Cast"
    out: list[Field] = []
    for f in fields_of(data):
        if f.number in (NODE_INPUT, NODE_OUTPUT):
            name = f.block.decode()
            out.append(Field(f.number, BLOCK, other.get(name, name).encode()))
        elif f.number == NODE_ATTRIBUTE:
            out.append(Field(f.number, BLOCK, _attribute(f.block, casts)))
        else:
            out.append(f)
    return joined(out)


def _attribute(data: bytes, casts: bool) -> bytes:
    out: list[Field] = []
    for f in fields_of(data):
        if f.number == ATTRIBUTE_TENSOR:
            out.append(Field(f.number, BLOCK, _tensor(f.block)))
        elif casts and f.number == ATTRIBUTE_INT and f.value == FLOAT:
            out.append(Field(f.number, VARINT, HALF))
        else:
            out.append(f)
    return joined(out)


def _tensor(data: bytes) -> bytes:
    """Return an array of 16 bits; one of whole numbers as it is."""
    fields = list(fields_of(data))
    if not any(f.number == TENSOR_TYPE and f.value == FLOAT for f in fields):
        return data
    raw = b"".join(f.block for f in fields if f.number in (TENSOR_RAW, TENSOR_FLOATS))
    values = np.frombuffer(raw, "<f4")
    small = (values != 0) & (np.abs(values) < LEAST)
    values = np.where(small, np.copysign(LEAST, values), values)
    rest = [f for f in fields if f.number not in (TENSOR_TYPE, TENSOR_RAW, TENSOR_FLOATS)]
    return joined(
        [
            *rest,
            Field(TENSOR_TYPE, VARINT, HALF),
            Field(TENSOR_RAW, BLOCK, values.astype("<f2").tobytes()),
        ]
    )


def _cast(name: str, to: str, kind: int) -> Field:
    attribute = joined(
        [
            Field(ATTRIBUTE_NAME, BLOCK, b"to"),
            Field(ATTRIBUTE_INT, VARINT, kind),
            Field(ATTRIBUTE_KIND, VARINT, 2),
        ]
    )
    node = [
        Field(NODE_INPUT, BLOCK, name.encode()),
        Field(NODE_OUTPUT, BLOCK, to.encode()),
        Field(NODE_NAME, BLOCK, f"Cast:{to}".encode()),
        Field(NODE_KIND, BLOCK, b"Cast"),
        Field(NODE_ATTRIBUTE, BLOCK, attribute),
    ]
    return Field(GRAPH_NODE, BLOCK, joined(node))


def _is_float(field: Field, number: int) -> bool:
    """Tell whether a field is a graph's input or output, and of 32 bits."""
    if field.number != number:
        return False
    tensor = next(f.block for f in fields_of(field.block) if f.number == VALUE_TYPE)
    kind = next(fields_of(tensor)).block
    return any(f.number == 1 and f.value == FLOAT for f in fields_of(kind))


def _name(data: bytes, number: int) -> str:
    return next((f.block.decode() for f in fields_of(data) if f.number == number), "")

"""A network's file with its pictures and weights as numbers of 16 bits, for GPUs.

What goes in and out stays of 32 bits, and is changed on the way. The file is rewritten message by
message in Protocol Buffers' wire format, so that nobody needs ONNX's own package for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from engines.cache import Cache, Made
from engines.spec import Dialect

FLOAT, HALF = 1, 10
"""ONNX's numbers for the two types."""

KEPT = {"Resize": (1, 2)}
"""Inputs, by operator, that ONNX wants as 32 bits whatever the picture is."""

LEAST = np.float32(6e-8)
"""What is not nothing is at least this, of 16 bits."""

VARINT, FIXED64, BLOCK, FIXED32 = 0, 1, 2, 5
"""How a field is written."""

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


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message: its number, how it is written, and what."""

    number: int
    wire: int
    value: int | bytes

    @property
    def block(self) -> bytes:
        """What is in it, where that is text, a message or an array."""
        assert isinstance(self.value, bytes)
        return self.value


def halved(onnx: bytes) -> bytes:
    """Return the file of the same network in 16 bits.

    Raises:
        ValueError: it is no such file.
    """
    return _joined(
        Field(f.number, f.wire, _graph(f.block)) if f.number == MODEL_GRAPH else f
        for f in _fields(onnx)
    )


def _graph(data: bytes) -> bytes:
    fields = list(_fields(data))
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
    return _joined(out)


def _kept_by(node: bytes) -> list[str]:
    places = KEPT.get(_name(node, NODE_KIND), ())
    inputs = [f.block.decode() for f in _fields(node) if f.number == NODE_INPUT]
    return [name for place, name in enumerate(inputs) if place in places and name]


def _node(data: bytes, other: dict[str, str]) -> bytes:
    """Return an operator that reads and writes the values of 16 bits."""
    casts = _name(data, NODE_KIND) == "Cast"
    out: list[Field] = []
    for f in _fields(data):
        if f.number in (NODE_INPUT, NODE_OUTPUT):
            name = f.block.decode()
            out.append(Field(f.number, BLOCK, other.get(name, name).encode()))
        elif f.number == NODE_ATTRIBUTE:
            out.append(Field(f.number, BLOCK, _attribute(f.block, casts)))
        else:
            out.append(f)
    return _joined(out)


def _attribute(data: bytes, casts: bool) -> bytes:
    out: list[Field] = []
    for f in _fields(data):
        if f.number == ATTRIBUTE_TENSOR:
            out.append(Field(f.number, BLOCK, _tensor(f.block)))
        elif casts and f.number == ATTRIBUTE_INT and f.value == FLOAT:
            out.append(Field(f.number, VARINT, HALF))
        else:
            out.append(f)
    return _joined(out)


def _tensor(data: bytes) -> bytes:
    """Return an array of 16 bits; one of whole numbers as it is."""
    fields = list(_fields(data))
    if not any(f.number == TENSOR_TYPE and f.value == FLOAT for f in fields):
        return data
    raw = b"".join(f.block for f in fields if f.number in (TENSOR_RAW, TENSOR_FLOATS))
    values = np.frombuffer(raw, "<f4")
    small = (values != 0) & (np.abs(values) < LEAST)
    values = np.where(small, np.copysign(LEAST, values), values)
    rest = [f for f in fields if f.number not in (TENSOR_TYPE, TENSOR_RAW, TENSOR_FLOATS)]
    return _joined(
        [
            *rest,
            Field(TENSOR_TYPE, VARINT, HALF),
            Field(TENSOR_RAW, BLOCK, values.astype("<f2").tobytes()),
        ]
    )


def _cast(name: str, to: str, kind: int) -> Field:
    attribute = _joined(
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
    return Field(GRAPH_NODE, BLOCK, _joined(node))


def _is_float(field: Field, number: int) -> bool:
    """Tell whether a field is a graph's input or output, and of 32 bits."""
    if field.number != number:
        return False
    tensor = next(f.block for f in _fields(field.block) if f.number == VALUE_TYPE)
    kind = next(_fields(tensor)).block
    return any(f.number == 1 and f.value == FLOAT for f in _fields(kind))


def _name(data: bytes, number: int) -> str:
    return next((f.block.decode() for f in _fields(data) if f.number == number), "")


def _fields(data: bytes) -> Iterator[Field]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value, at = _varint(data, at)
            yield Field(number, wire, value)
            continue
        if wire == BLOCK:
            size, at = _varint(data, at)
        elif wire in (FIXED32, FIXED64):
            size = 4 if wire == FIXED32 else 8
        else:
            raise ValueError("this is no ONNX file")
        if at + size > len(data):
            raise ValueError("this ONNX file was cut short")
        yield Field(number, wire, data[at : at + size])
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        value, shift, at = value | (byte & 0x7F) << shift, shift + 7, at + 1
        if byte < 0x80:
            return value, at
    raise ValueError("this ONNX file was cut short")


def _joined(fields: Iterable[Field]) -> bytes:
    out = bytearray()
    for field in fields:
        out += _number(field.number << 3 | field.wire)
        if isinstance(field.value, int):
            out += _number(field.value)
        else:
            out += _number(len(field.value)) if field.wire == BLOCK else b""
            out += field.value
    return bytes(out)


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)

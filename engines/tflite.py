"""Reading a TensorFlow Lite file: its tensors and operators as plain values.

The format is a FlatBuffer: tables whose fields lie where a table of offsets says. Only the fields
that a float network uses are read, by their number in TensorFlow's ``schema.fbs``; whatever else a
file holds (sparsity, integer quantisation, several subgraphs) is refused rather than misread.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

IDENTIFIER = b"TFL3"

DTYPES: dict[int, type[np.generic]] = {0: np.float32, 1: np.float16, 2: np.int32, 4: np.int64}

OPERATORS = {
    0: "ADD",
    2: "CONCATENATION",
    3: "CONV_2D",
    4: "DEPTHWISE_CONV_2D",
    6: "DEQUANTIZE",
    17: "MAX_POOL_2D",
    18: "MUL",
    19: "RELU",
    22: "RESHAPE",
    32: "CUSTOM",
    34: "PAD",
    45: "STRIDED_SLICE",
    54: "PRELU",
}


class TfliteError(Exception):
    """The file is not a TensorFlow Lite network of the kind that is read here."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """An array of the network; ``data`` is there when it is a constant."""

    name: str
    shape: tuple[int, ...]
    dtype: type[np.generic]
    data: NDArray[Any] | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """One step: numbers of the tensors that it takes and gives, and its settings.

    Attributes:
        kind: as in ``OPERATORS``; a custom one's own name.
        options: scalar settings by their number in the schema; what is not stored is absent.
        custom: the bytes of a custom operator's settings.
    """

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: dict[int, int] = field(default_factory=dict[int, int])
    custom: bytes = b""


@dataclass(frozen=True, slots=True)
class Network:
    """The only subgraph of a file, its operators in the order in which they run."""

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read(data: bytes) -> Network:
    """Return the network in ``data``.

    Raises:
        TfliteError: it is no such file, is cut short, or has something that is not read here.
    """
    if data[4:8] != IDENTIFIER:
        raise TfliteError("not a TensorFlow Lite file")
    try:
        return _network(_Table(data, _uint(data, 0)))
    except (struct.error, IndexError, ValueError) as error:
        raise TfliteError(f"the file is damaged ({error})") from error


class _Table:
    """One FlatBuffer table; fields are asked for by number."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at
        self._fields = at - struct.unpack_from("<i", data, at)[0]
        self._size = struct.unpack_from("<H", data, self._fields)[0]

    def where(self, number: int) -> int | None:
        """Return where a field lies; None when it has its default."""
        entry = 4 + 2 * number
        if entry >= self._size:
            return None
        offset = struct.unpack_from("<H", self._data, self._fields + entry)[0]
        return self._at + offset if offset else None

    def scalar(self, number: int, form: str = "<i") -> int:
        at = self.where(number)
        return 0 if at is None else int(struct.unpack_from(form, self._data, at)[0])

    def vector(self, number: int) -> tuple[int, int]:
        """Return where a vector's entries begin, and how many there are."""
        at = self.where(number)
        if at is None:
            return 0, 0
        start = at + _uint(self._data, at)
        return start + 4, _uint(self._data, start)

    def array(self, number: int, dtype: type[np.generic]) -> NDArray[Any]:
        start, count = self.vector(number)
        return np.frombuffer(self._data, dtype, count, start)

    def numbers(self, number: int) -> tuple[int, ...]:
        return tuple(int(value) for value in self.array(number, np.int32))

    def raw(self, number: int) -> bytes:
        start, count = self.vector(number)
        return self._data[start : start + count]

    def table(self, number: int) -> _Table | None:
        at = self.where(number)
        return None if at is None else _Table(self._data, at + _uint(self._data, at))

    def tables(self, number: int) -> list[_Table]:
        start, count = self.vector(number)
        ats = range(start, start + 4 * count, 4)
        return [_Table(self._data, at + _uint(self._data, at)) for at in ats]


def _uint(data: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", data, at)[0])


def _network(model: _Table) -> Network:
    graphs = model.tables(2)
    if len(graphs) != 1:
        raise TfliteError(f"the file has {len(graphs)} subgraphs instead of one")
    (graph,) = graphs
    buffers = [table.raw(0) for table in model.tables(4)]
    kinds = [_kind(code) for code in model.tables(1)]
    return Network(
        tensors=tuple(_tensor(table, buffers) for table in graph.tables(0)),
        operators=tuple(_operator(table, kinds) for table in graph.tables(3)),
        inputs=graph.numbers(1),
        outputs=graph.numbers(2),
    )


def _kind(code: _Table) -> str:
    number = max(code.scalar(0, "<b"), code.scalar(3))  # a byte once, a word since
    if number not in OPERATORS:
        raise TfliteError(f"operator number {number} is not known here")
    return code.raw(1).decode() if OPERATORS[number] == "CUSTOM" else OPERATORS[number]


def _tensor(table: _Table, buffers: list[bytes]) -> Tensor:
    name, number = table.raw(3).decode(), table.scalar(1, "<b")
    if number not in DTYPES:
        raise TfliteError(f"tensor {name!r} is of type number {number}, which is not read here")
    quantisation = table.table(4)
    if table.where(6) is not None or (quantisation and quantisation.vector(2)[1]):
        raise TfliteError(f"tensor {name!r} is sparse or quantised to integers")
    shape, raw = table.numbers(0), buffers[table.scalar(2, "<I")]
    data = np.frombuffer(raw, DTYPES[number]).reshape(shape) if raw else None
    return Tensor(name, shape, DTYPES[number], data)


def _operator(table: _Table, kinds: list[str]) -> Operator:
    settings = table.table(4)
    kind = kinds[table.scalar(0, "<I")]
    options = _options(kind, settings) if settings else {}
    return Operator(kind, table.numbers(1), table.numbers(2), options, table.raw(5))


_FORMS = {
    # padding, stride w, stride h, then activation and dilations, or multiplier, or filter size
    "CONV_2D": "biibii",
    "DEPTHWISE_CONV_2D": "biiibii",
    "MAX_POOL_2D": "biiiib",
    "ADD": "b",
    "MUL": "b",
    "CONCATENATION": "ib",
    "STRIDED_SLICE": "iiiii",
}


def _options(kind: str, table: _Table) -> dict[int, int]:
    forms = enumerate(_FORMS.get(kind, ""))
    return {i: table.scalar(i, f"<{form}") for i, form in forms if table.where(i) is not None}

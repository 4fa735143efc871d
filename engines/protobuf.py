"""Protocol Buffers' wire format: fields of a message, read and written one after the other.

What ONNX files need of it. https://protobuf.dev/programming-guides/encoding
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

VARINT, FIXED64, BLOCK, FIXED32 = 0, 1, 2, 5
"""How a field is written."""


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

    def encoded(self) -> bytes:
        """Return it as it stands in a message."""
        key = varint(self.number << 3 | self.wire)
        if isinstance(self.value, int):
            return key + varint(self.value)
        size = varint(len(self.value)) if self.wire == BLOCK else b""
        return key + size + self.value


def whole(number: int, value: int) -> bytes:
    """Return a field with a whole number."""
    return Field(number, VARINT, value).encoded()


def block(number: int, data: bytes) -> bytes:
    """Return a field with text, a message or an array."""
    return Field(number, BLOCK, data).encoded()


def joined(fields: Iterable[Field]) -> bytes:
    """Return the message of these fields."""
    return b"".join(field.encoded() for field in fields)


def fields_of(data: bytes) -> Iterator[Field]:
    """Yield the fields of a message.

    Raises:
        ValueError: it is no message, or was cut short.
    """
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value, at = _read_varint(data, at)
            yield Field(number, wire, value)
            continue
        if wire == BLOCK:
            size, at = _read_varint(data, at)
        elif wire in (FIXED32, FIXED64):
            size = 4 if wire == FIXED32 else 8
        else:
            raise ValueError("this is no ONNX file")
        if at + size > len(data):
            raise ValueError("this ONNX file was cut short")
        yield Field(number, wire, data[at : at + size])
        at += size


def varint(value: int) -> bytes:
    """Return a whole number, seven bits a byte."""
    value &= (1 << 64) - 1  # negative numbers are sent as 64 bits
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        value, shift, at = value | (byte & 0x7F) << shift, shift + 7, at + 1
        if byte < 0x80:
            return value, at
    raise ValueError("this ONNX file was cut short")

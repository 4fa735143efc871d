"""Datagrams to messages and back: the one file that knows python-osc."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pythonosc.osc_message import OscMessage, ParseError
from pythonosc.osc_message_builder import OscMessageBuilder

Argument = bool | int | float | str | None

BUNDLE = b"#bundle\x00"
NOW = struct.pack(">Q", 1)
"""The time tag that says: at once."""

READ = frozenset(b",ihfdsTFN")
"""Types of arguments that are read; python-osc logs a warning for each that it does not know."""

DEPTH = 4
"""Bundles in bundles; VTuber tools use one."""

MESSAGES = 512
"""Messages of one datagram; a whole body with its face has 120."""


class PacketError(Exception):
    """A datagram that is no OSC."""


@dataclass(frozen=True, slots=True)
class OscText:
    """One message: where it goes and what it says."""

    address: str
    arguments: tuple[Argument, ...] = ()


def decode(datagram: bytes) -> list[OscText]:
    """Return the messages of a datagram, those of bundles in their order.

    Bundles are taken apart here: python-osc never ends on an element of negative length.

    Raises:
        PacketError: it is malformed, or has more in it than anybody sends.
    """
    messages: list[OscText] = []
    for part in _parts(datagram, 0):
        if len(messages) == MESSAGES:
            raise PacketError("too many messages")
        messages.append(_message(part))
    return messages


def encode(message: OscText) -> bytes:
    """Return the datagram of one message."""
    builder = OscMessageBuilder(message.address)
    for argument in message.arguments:
        builder.add_arg(argument)
    return builder.build().dgram


def bundle(datagrams: Sequence[bytes]) -> bytes:
    """Return one datagram of many, to be acted on at once."""
    parts = (struct.pack(">i", len(datagram)) + datagram for datagram in datagrams)
    return BUNDLE + NOW + b"".join(parts)


def _parts(datagram: bytes, depth: int) -> Iterator[bytes]:
    if not datagram.startswith(BUNDLE):
        yield datagram
        return
    if depth == DEPTH or len(datagram) < 16:
        raise PacketError("a broken bundle")
    at = 16
    while at < len(datagram):
        if at + 4 > len(datagram):
            raise PacketError("a bundle that ends early")
        (size,) = struct.unpack_from(">i", datagram, at)
        at += 4
        if not 0 < size <= len(datagram) - at:
            raise PacketError("an element of a length that cannot be")
        yield from _parts(datagram[at : at + size], depth + 1)
        at += size


def _message(datagram: bytes) -> OscText:
    if not datagram.startswith(b"/"):
        raise PacketError("no address")
    tags = datagram.partition(b",")[2].partition(b"\x00")[0]
    if not READ.issuperset(tags):
        raise PacketError("arguments of a type that is not read")
    try:
        message = OscMessage(datagram)
    except (ParseError, ValueError, IndexError, struct.error) as error:
        raise PacketError(str(error)) from error
    return OscText(message.address, tuple(message.params))

"""Small harm to a text or a file; the same seed does the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import chain

Lines = list[str]
"""Of a session description."""

NUMBERS = ("-1", "0", "1", "255", "65536", "4294967296", "99999999999999999999", "1e9", "NaN")
WORDS = ("", " ", ":", "/", "\0", "\t", "%s", "a" * 5000, "ü", "\ud7ff", "inactive", "video", "96")


ADDRESSES = (
    "a=candidate:1 1 udp 2122260223 127.0.0.1 9 typ host generation 0",
    "a=candidate:2 1 udp 1686052607 192.0.2.7 56789 typ srflx raddr 127.0.0.1 rport 9",
    "a=candidate:3 1 tcp 1518280447 127.0.0.1 9 typ host tcptype active",
    "a=end-of-candidates",
)
"""What a browser adds once it has looked around; nobody listens there."""


def with_addresses(offer: str) -> str:
    """Return ``offer`` with addresses at each of its media."""
    lines = offer.split("\r\n")
    added = ([line, *ADDRESSES] if line.startswith("a=mid:") else [line] for line in lines)
    return "\r\n".join(chain.from_iterable(added))


def mutated_text(text: str, seed: int) -> str:
    """Return ``text``, a session description, with one to four things done to its lines."""
    chance = random.Random(seed)
    lines = text.split("\r\n")
    for _ in range(chance.randint(1, 4)):
        if lines:
            chance.choice(OPERATIONS)(lines, chance)
    return chance.choice(("\r\n", "\r\n", "\r\n", "\n")).join(lines)


def mutated_bytes(data: bytes, seed: int, head: int = 4096) -> bytes:
    """Return ``data``, a file, with its head harmed, or cut off."""
    chance = random.Random(seed)
    changed = bytearray(data)
    for _ in range(chance.randint(1, 40)):
        changed[chance.randrange(min(head, len(changed)))] = chance.randrange(256)
    if chance.random() < 0.2:
        del changed[chance.randrange(len(changed)) :]
    if chance.random() < 0.1:
        changed[: chance.randrange(1, 64)] = b""
    return bytes(changed)


def _delete(lines: Lines, chance: random.Random) -> None:
    del lines[chance.randrange(len(lines))]


def _repeat(lines: Lines, chance: random.Random) -> None:
    lines.insert(chance.randrange(len(lines)), chance.choice(lines))


def _swap(lines: Lines, chance: random.Random) -> None:
    a, b = (chance.randrange(len(lines)) for _ in range(2))
    lines[a], lines[b] = lines[b], lines[a]


def _number(lines: Lines, chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    words = lines[at].split(" ")
    digits = [i for i, word in enumerate(words) if any(c.isdigit() for c in word)]
    if digits:
        words[chance.choice(digits)] = chance.choice(NUMBERS)
        lines[at] = " ".join(words)


def _word(lines: Lines, chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    words = lines[at].split(" ")
    words[chance.randrange(len(words))] = chance.choice(WORDS)
    lines[at] = " ".join(words)


def _value(lines: Lines, chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    lines[at] = lines[at].partition(":")[0] + ":" + chance.choice(WORDS + NUMBERS)


def _letter(lines: Lines, chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    if lines[at]:
        i = chance.randrange(len(lines[at]))
        lines[at] = lines[at][:i] + chr(chance.randrange(1, 0x250)) + lines[at][i + 1 :]


def _cut(lines: Lines, chance: random.Random) -> None:
    del lines[chance.randrange(1, len(lines) + 1) :]


OPERATIONS: tuple[Callable[[Lines, random.Random], None], ...] = (
    _delete, _repeat, _swap, _number, _word, _value, _letter, _cut,
)  # fmt: skip

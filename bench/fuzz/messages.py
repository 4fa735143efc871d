"""Control messages that nobody should send: the protocol's own examples with something broken.

The same seed gives the same messages.
"""

from __future__ import annotations

import json
import random
import re
import string
from collections.abc import Iterator
from pathlib import Path

PROTOCOL = Path(__file__).parents[2] / "docs/protocol.md"

WORDS = ["happy", "", "\ud800", "x" * 3000, "off", "__class__", "0", "emotions", "contempt"]
NUMBERS = [0, 1, -1, 1.5, 1e308, -1e-320, 10**400, float("nan"), float("inf"), True, None, 2**63]
TOO_MUCH = ["[", '{"a":', '"', "9" * 5000, "[" * 60_000, "x" * 70_000, "null"]


def examples() -> list[str]:
    """Return the messages that the protocol's page shows.

    Raises:
        OSError: the page is not there; it does not come with an installed package.
    """
    text = PROTOCOL.read_text(encoding="utf-8")
    return re.findall(r"```json\n(.*?)\n```", text, re.DOTALL)


def messages(count: int, seed: int) -> Iterator[str | bytes]:
    """Yield ``count`` texts, and one in twenty of bytes, which no message is."""
    dice, whole = random.Random(seed), examples()
    for _ in range(count):
        if dice.random() < 0.05:
            yield dice.randbytes(dice.randrange(100))
        else:
            yield broken(dice.choice(whole), dice)


def broken(example: str, dice: random.Random) -> str:
    """Return ``example`` with something broken, or nothing at all like it."""
    match dice.randrange(8):
        case 0:
            at = dice.randrange(len(example))
            return example[:at] + chr(dice.randrange(1, 0x2FF)) + example[at + dice.randrange(4) :]
        case 1:
            return example[: dice.randrange(len(example))]
        case 2:
            return dice.choice(TOO_MUCH)
        case 3:
            return json.dumps(value(dice))
        case _:
            return _with_odd_fields(example, dice)


def value(dice: random.Random, depth: int = 0) -> object:
    """Return something that JSON can hold."""
    match dice.randrange(6 if depth < 3 else 4):
        case 0 | 1:
            return dice.choice(NUMBERS)
        case 2:
            return dice.choice(WORDS)
        case 3:
            return "".join(dice.choices(string.printable, k=dice.randrange(30)))
        case 4:
            return [value(dice, depth + 1) for _ in range(dice.randrange(4))]
        case _:
            return {dice.choice(WORDS): value(dice, depth + 1) for _ in range(dice.randrange(4))}


def _with_odd_fields(example: str, dice: random.Random) -> str:
    message = json.loads(example)
    for key in dice.sample(sorted(message), dice.randrange(len(message))):
        message[key] = value(dice) if key != "type" or dice.random() < 0.2 else message[key]
    if dice.random() < 0.3:
        message[dice.choice(WORDS)] = value(dice)
    return json.dumps(message)

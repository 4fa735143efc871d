"""What OSC messages ask for, as messages of the protocol that page and scripts speak."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Any, get_args

from realtime.osc.packets import OscText
from realtime.types import Coefficient

Order = dict[str, Any]

PREFIX = "/visavis/"
NUMBERS = {
    "intensity": "intensity",
    "brows": "brows",
    "eyes": "eyes",
    "mouth": "mouth",
    "ramp": "ramp_ms",
}
NAMES: dict[str, Coefficient] = {name.lower(): name for name in get_args(Coefficient)}
"""Programs differ in whether a coefficient begins with a capital."""

VALUE, APPLY = "/VMC/Ext/Blend/Val", "/VMC/Ext/Blend/Apply"


class OrderError(Exception):
    """A message to us that does not make sense."""


class Orders:
    """Reads messages; remembers what comes in pieces: a point's axes, a face's coefficients."""

    def __init__(self) -> None:
        self._point = {"valence": 0.0, "arousal": 0.0}
        self._face: dict[Coefficient, float] = {}
        self._driven = False
        self.ignored = 0
        self.malformed = 0

    def read(self, messages: Iterable[OscText]) -> Iterator[Order]:
        """Yield what is asked for; what is for others is ignored, what makes no sense counted."""
        for message in messages:
            try:
                order = self._order(message)
            except OrderError:
                self.malformed += 1
                continue
            if order is not None:
                yield order

    def release(self) -> Order | None:
        """Let go of a face whose sender has fallen silent; None where nobody drives it."""
        self._face.clear()
        if not self._driven:
            return None
        self._driven = False
        return {"type": "edit", "coefficients": {}}

    @property
    def driven(self) -> bool:
        """Whether coefficients move the face."""
        return self._driven

    def _order(self, message: OscText) -> Order | None:
        if message.address == VALUE:
            return self._take_value(message)
        if message.address == APPLY:
            return self._apply()
        if message.address.startswith(PREFIX):
            return self._own(message.address.removeprefix(PREFIX), message)
        self.ignored += 1
        return None

    def _take_value(self, message: OscText) -> None:
        if len(message.arguments) != 2 or not isinstance(message.arguments[0], str):
            raise OrderError
        name = NAMES.get(message.arguments[0].lower())
        if name is None:  # of an avatar's own: "Joy", "A", "Blink"
            self.ignored += 1
            return
        self._face[name] = min(1.0, max(0.0, _number(message, 1)))

    def _apply(self) -> Order | None:
        if not self._face:
            return None
        self._driven = True
        moved = {name: value for name, value in self._face.items() if value > 0}
        return {"type": "edit", "coefficients": moved}

    def _own(self, name: str, message: OscText) -> Order | None:
        if name.startswith("face/"):
            self._take_value(OscText(VALUE, (name.removeprefix("face/"), *message.arguments)))
            return self._apply()
        if name in NUMBERS:
            return {"type": "edit", NUMBERS[name]: _number(message)}
        match name:
            case "emotion":
                word = _word(message)
                return {"type": "edit", "emotion": None if word in ("", "off") else word}
            case "preset":
                return {"type": "preset", "name": _word(message)}
            case "valence" | "arousal":
                self._point[name] = _number(message)
                return {"type": "edit", **self._point}
            case "freeze":
                return {"type": "show", "frozen": _pressed(message)}
            case "panic":
                return {"type": "panic"} if _pressed(message) else None
            case "rest":
                return {"type": "rest"} if _pressed(message) else None
            case _:
                raise OrderError


def _number(message: OscText, at: int = 0) -> float:
    if len(message.arguments) <= at:
        raise OrderError
    value = message.arguments[at]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
        raise OrderError
    return float(value)


def _word(message: OscText) -> str:
    if len(message.arguments) != 1 or not isinstance(message.arguments[0], str):
        raise OrderError
    return message.arguments[0].lower()


def _pressed(message: OscText) -> bool:
    """Read a button: one that says nothing is pressed, one that sends 0 is let go."""
    if not message.arguments:
        return True
    value = message.arguments[0]
    if isinstance(value, str):
        raise OrderError
    return bool(value)

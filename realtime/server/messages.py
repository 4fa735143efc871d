"""What page and server say to each other: JSON objects, one a message, told apart by "type"."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from realtime.config import LIMITS
from realtime.schema import ConfigError, read
from realtime.types import Edit

MAX_MESSAGE = 65_536
"""Bytes of the longest message that is read; a page's offer is 3 to 8 kB."""

MAX_SDP = 32_768
"""Bytes of the longest session description."""

EDIT_LIMITS = {
    name.removeprefix("edit."): limit for name, limit in LIMITS.items() if name.startswith("edit.")
}
POINT = ("valence", "arousal")


class MessageError(Exception):
    """A message that cannot be followed; its text is a sentence for the person at the page."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The page's session description."""

    sdp: str


@dataclass(frozen=True, slots=True)
class EditChange:
    """Fields of the edit to set; those not named stay as they are."""

    fields: Mapping[str, object]

    def apply(self, edit: Edit) -> Edit:
        """Return ``edit`` with the change made."""
        return replace(edit, **self.fields)


def parse(text: str) -> Offer | EditChange:
    """Return what the page asks for.

    Raises:
        MessageError: the message is too long, no JSON object, or of an unknown type or content.
    """
    if len(text) > MAX_MESSAGE:
        raise MessageError(f"A message may be {MAX_MESSAGE} characters long at most.")
    try:
        message: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MessageError("A message must be JSON.") from error
    if not isinstance(message, dict):
        raise MessageError("A message must be a JSON object.")
    fields = dict(cast("dict[str, object]", message))
    match fields.pop("type", None):
        case "offer":
            return _offer(fields)
        case "edit":
            return _edit(fields)
        case _:
            raise MessageError('A message needs a "type": "offer" or "edit".')


def edit_message(edit: Edit) -> dict[str, object]:
    """Return the edit in force as the page is told it."""
    valence, arousal = edit.affect or (None, None)
    return {
        "type": "edit",
        "emotion": edit.emotion and edit.emotion.value,
        "intensity": edit.intensity,
        "valence": valence,
        "arousal": arousal,
        "brows": edit.brows,
        "eyes": edit.eyes,
        "mouth": edit.mouth,
        "ramp_ms": edit.ramp_ms,
    }


def error_message(sentence: str, *, final: bool = False) -> dict[str, object]:
    """Return a complaint as the page is told it; ``final`` ends the call."""
    return {"type": "error", "message": sentence, "final": final}


def _offer(fields: Mapping[str, object]) -> Offer:
    sdp = fields.get("sdp")
    if not isinstance(sdp, str):
        raise MessageError('An offer needs its session description as text in "sdp".')
    if len(sdp) > MAX_SDP:
        raise MessageError(f"A session description may be {MAX_SDP} characters long at most.")
    return Offer(sdp)


def _edit(fields: dict[str, object]) -> EditChange:
    """Check the change with the rules of the settings file, which name what does not fit."""
    fields = _with_affect(fields)
    given = {name: value for name, value in fields.items() if value is not None}
    cleared = [name for name in fields if name not in given]
    if set(cleared) - {"emotion", "affect"}:
        raise MessageError(f"{cleared[0]} cannot be null.")
    try:
        checked = read(Edit, given, EDIT_LIMITS)
    except ConfigError as error:
        raise MessageError(f"{error}.") from error
    changes: dict[str, object] = {name: getattr(checked, name) for name in given}
    return EditChange(changes | dict.fromkeys(cleared))


def _with_affect(fields: dict[str, object]) -> dict[str, object]:
    """Turn "valence" and "arousal" into one point; naming an emotion gives a former point up."""
    if "affect" in fields:
        raise MessageError("A point is given as valence and arousal.")
    point = [fields.pop(axis, None) for axis in POINT if axis in fields]
    if not point:
        return fields | ({"affect": None} if "emotion" in fields else {})
    if len(point) != 2 or (None in point and point != [None, None]):
        raise MessageError("valence and arousal come together.")
    return fields | {"affect": None if point == [None, None] else point}

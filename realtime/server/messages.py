"""What may be asked of the server: JSON objects, one a message, told apart by "type".

docs/protocol.md describes each for whoever writes a page or a script; a test holds both together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, TypeVar, cast

from realtime.bounds import HIGHEST, LOWEST, Bounds
from realtime.config import EDIT_LIMITS
from realtime.schema import ConfigError, Limits, read
from realtime.types import Edit, Show
from realtime.voice.follow import FOLLOW_LIMITS, Follow

PROTOCOL = "visavis/1"
"""Name and version. A new field leaves the number as it is; a new meaning of one does not."""

MAX_MESSAGE = 65_536
"""Bytes of the longest message that is read; a page's offer is 3 to 8 kB."""

MAX_SDP = 32_768
"""Bytes of the longest session description."""

BOUNDS_LIMITS: Limits = dict.fromkeys(("lowest", "highest", "emotions"), (LOWEST, HIGHEST))
POINT = ("valence", "arousal")

Stream = Literal["wet", "dry", "edit"]
"""What can be recorded: the filtered picture with its sound, the camera's own, the edits."""

T = TypeVar("T")


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


@dataclass(frozen=True, slots=True)
class PresetChoice:
    """A whole edit by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class ShowChange:
    """What to set of :class:`Show`; None leaves it as it is."""

    frozen: bool | None = None
    badge: bool | None = None
    mark: bool | None = None

    def apply(self, show: Show) -> Show:
        """Return ``show`` with the change made."""
        wanted = {"frozen": self.frozen, "badge": self.badge, "mark": self.mark}
        return replace(show, **{name: on for name, on in wanted.items() if on is not None})


@dataclass(frozen=True, slots=True)
class FollowChange:
    """Fields of :class:`Follow` to set; of the map, those entries that it names."""

    fields: Mapping[str, object]

    def apply(self, follow: Follow) -> Follow:
        """Return ``follow`` with the change made."""
        fields = dict(self.fields)
        if isinstance(named := fields.get("map"), Mapping):
            fields["map"] = {**follow.map, **cast("Mapping[str, object]", named)}
        return replace(follow, **fields)


@dataclass(frozen=True, slots=True)
class Panic:
    """Drop the edit at once."""


@dataclass(frozen=True, slots=True)
class Rest:
    """The face is at rest now: this is how it looks."""


@dataclass(frozen=True, slots=True)
class BoundsChange:
    """What the person whose face it is allows; in place of what they allowed before."""

    bounds: Bounds


@dataclass(frozen=True, slots=True)
class RecordChange:
    """Begin or end a recording."""

    on: bool
    what: tuple[Stream, ...] = ("wet",)


@dataclass(frozen=True, slots=True)
class Played:
    """What a page showed and played of late: (RTP stamp, milliseconds on its clock) of each."""

    pictures: tuple[tuple[float, float], ...]
    sounds: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Ping:
    """Asks for an answer that carries the same number."""

    t: float


Request: TypeAlias = (
    Offer
    | EditChange
    | PresetChoice
    | ShowChange
    | FollowChange
    | Panic
    | Rest
    | BoundsChange
    | RecordChange
    | Played
    | Ping
)


def parse(text: str) -> Request:
    """Return what is asked for.

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
    return understood(cast("dict[str, object]", message))


def understood(message: Mapping[str, object]) -> Request:
    """Return what a message asks for that is a table already.

    Raises:
        MessageError: it is of an unknown type or content.
    """
    fields = dict(message)
    kind = fields.pop("type", None)
    reader = REQUESTS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise MessageError(f'A message needs a "type": {", ".join(REQUESTS)}.')
    try:
        return reader(fields)
    except ConfigError as error:
        raise MessageError(f"{_shortened(str(error).lstrip(': '))}.") from error


def _shortened(sentence: str) -> str:
    """Leave out the middle of a sentence that quotes too much of a message."""
    return sentence if len(sentence) <= 300 else f"{sentence[:150]} ... {sentence[-100:]}"


def _of(kind: type[T], limits: Limits | None = None) -> Callable[[dict[str, object]], T]:
    """Return a reader that checks with the rules of the settings file, which name what is wrong."""
    return lambda fields: read(kind, fields, limits or {})


def _offer(fields: dict[str, object]) -> Offer:
    offer = read(Offer, fields, {})
    if len(offer.sdp) > MAX_SDP:
        raise MessageError(f"A session description may be {MAX_SDP} characters long at most.")
    return offer


def _bounds(fields: dict[str, object]) -> BoundsChange:
    return BoundsChange(read(Bounds, fields, BOUNDS_LIMITS))


def _follow(fields: dict[str, object]) -> FollowChange:
    checked = read(Follow, fields, FOLLOW_LIMITS)
    return FollowChange({name: getattr(checked, name) for name in fields})


def _edit(fields: dict[str, object]) -> EditChange:
    fields = _with_affect(fields)
    if isinstance(named := fields.get("coefficients"), Mapping):
        pairs = cast("Mapping[str, object]", named)
        fields["coefficients"] = [[name, value] for name, value in pairs.items()]
    given = {name: value for name, value in fields.items() if value is not None}
    cleared = [name for name in fields if name not in given]
    for name in set(cleared) - {"emotion", "affect"}:
        if name in EDIT_LIMITS:
            raise MessageError(f"{name} cannot be null.")
        given[name] = None  # to be refused with the nearest name that is known
    checked = read(Edit, given, EDIT_LIMITS)
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


REQUESTS: Mapping[str, Callable[[dict[str, object]], Request]] = {
    "offer": _offer,
    "edit": _edit,
    "preset": _of(PresetChoice),
    "show": _of(ShowChange),
    "follow": _follow,
    "panic": _of(Panic),
    "rest": _of(Rest),
    "bounds": _bounds,
    "record": _of(RecordChange),
    "playout": _of(Played),
    "ping": _of(Ping),
}
"""Every type of message with what reads it."""

"""What the server says: one value a message, each a JSON object with its "type"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from realtime.bounds import Bounds
from realtime.server.messages import PROTOCOL, Stream
from realtime.types import Edit, Show
from realtime.voice.account import follow_words
from realtime.voice.follow import Follow

Message = Mapping[str, object]

STATES = frozenset({"edit", "show", "follow", "bounds", "recording", "telemetry", "pong"})
"""Replies of which only the newest counts."""


@dataclass(frozen=True, slots=True)
class Recording:
    """How a recording stands.

    Attributes:
        on: it goes on.
        what: what is recorded.
        files: (name, address) of what was written, once it ended.
        error: why it ended or could not begin, in a sentence.
    """

    on: bool
    what: tuple[Stream, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message on each socket.

    Attributes:
        version: of the program.
        session: the name by which a controller finds this call; whoever knows it may control it.
        presets: names for the message "preset".
        recording_allowed: whether the server records when asked to.
        ice_servers: for the browser's RTCPeerConnection; None for a controller.
    """

    version: str
    session: str
    presets: tuple[str, ...]
    recording_allowed: bool = False
    ice_servers: Sequence[Mapping[str, object]] | None = None


def hello_message(hello: Hello) -> Message:
    """Return who speaks, and what may be asked."""
    message: dict[str, object] = {
        "type": "hello",
        "protocol": PROTOCOL,
        "version": hello.version,
        "session": hello.session,
        "presets": list(hello.presets),
        "recording_allowed": hello.recording_allowed,
    }
    if hello.ice_servers is not None:
        message["ice_servers"] = list(hello.ice_servers)
    return message


def answer_message(sdp: str) -> Message:
    """Return the server's session description."""
    return {"type": "answer", "sdp": sdp}


def edit_message(edit: Edit) -> Message:
    """Return the edit in force."""
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
        "coefficients": dict(edit.coefficients),
    }


def show_message(show: Show) -> Message:
    """Return how the picture is shown."""
    return {"type": "show", "frozen": show.frozen, "badge": show.badge, "mark": show.mark}


def follow_message(follow: Follow) -> Message:
    """Return what the voice does to the face."""
    return {"type": "follow", **follow_words(follow)}


def bounds_message(bounds: Bounds) -> Message:
    """Return the bounds in force: the settings', tightened by the person at the page."""
    return {
        "type": "bounds",
        "lowest": bounds.lowest,
        "highest": bounds.highest,
        "forbidden": [emotion.value for emotion in bounds.forbidden],
        "emotions": {emotion.value: list(pair) for emotion, pair in bounds.emotions.items()},
    }


def recording_message(recording: Recording) -> Message:
    """Return how the recording stands."""
    message: dict[str, object] = {
        "type": "recording",
        "on": recording.on,
        "what": list(recording.what),
        "files": [{"name": name, "url": url} for name, url in recording.files],
    }
    if recording.error is not None:
        message["error"] = recording.error
    return message


def pong_message(t: float) -> Message:
    """Return the answer to a ping."""
    return {"type": "pong", "t": t}


def error_message(sentence: str, *, final: bool = False, code: str | None = None) -> Message:
    """Return a complaint; ``final`` ends the conversation, ``code`` tells a program why."""
    message: dict[str, object] = {"type": "error", "message": sentence, "final": final}
    return message if code is None else message | {"code": code}

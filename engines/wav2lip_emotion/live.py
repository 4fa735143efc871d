"""The generator for calls at work: a square of the edited picture in, the same square out.

It runs after the geometric edit, on what that has made, and adds what no shift of points makes.
No PyTorch: the network runs on whatever back-end there is, and its fields are applied by the
kernels at the square's own resolution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from engines.engine import Engine
from engines.landmarks.picture import Picture
from engines.wav2lip_emotion import signatures
from engines.wav2lip_emotion.faces import Floats, Pixels, Square
from engines.wav2lip_emotion.recipe import EMOTIONS
from engines.wav2lip_emotion.retouch import SIDE, Fields, Retouch
from engines.wav2lip_emotion.shipped import known_weights
from engines.wav2lip_emotion.signatures import BANDS, COLUMNS
from kernels.reference.mel import WAV2LIP

__all__ = [
    "BANDS",
    "COLOUR",
    "COLUMNS",
    "EDITS",
    "FAINT",
    "LOOK_AHEAD_MS",
    "REACH",
    "SEEN",
    "SIDE",
    "SPEC",
    "Fields",
    "LiveEditor",
    "asked",
    "columns_up_to",
    "edit_vector",
    "heard",
    "known_weights",
    "last_column",
    "silence",
]

SEEN = 1.4
"""Faces across it: the chin may move, and the mask needs room to fade."""

REACH = 0.1
"""The longest shift, in sides of the square."""

COLOUR = 0.5
"""The greatest change of colour, of 1."""

EDITS = len(EMOTIONS)

UNASKED = "neutral"
"""What the network is not asked for."""

FAINT = 0.25
"""Intensity below which an edit fades to nothing."""

LOOK_AHEAD_MS = 40
"""How long after a picture its sound must be known: one picture. It is part of the latency."""

SPEC = signatures.LIVE


def last_column(seconds: float) -> int:
    """Return the newest column of a spectrogram that is there ``LOOK_AHEAD_MS`` after a moment.

    A column looks half a window past the moment that it stands for.
    """
    known = seconds + LOOK_AHEAD_MS / 1000 - WAV2LIP.window / 2 / WAV2LIP.rate
    # A whole column counts, whatever the last bit of its time says.
    return int(np.floor(known * WAV2LIP.rate / WAV2LIP.hop + 1e-6))


def heard(mel: Floats, seconds: float) -> Floats:
    """Return [80, 16] of a spectrogram [columns, 80]: the sound before a moment, and no later.

    Where there is none yet, or not any more, it is silence.
    """
    return columns_up_to(last_column(seconds), 0, len(mel), lambda begin, end: mel[begin:end])


def columns_up_to(last: int, oldest: int, made: int, read: Callable[[int, int], Floats]) -> Floats:
    """Return [80, 16]: columns of a spectrogram, the last one included, silence for absent ones.

    Args:
        last: the newest column that is wanted.
        oldest: the first that there is.
        made: the first that there is not yet.
        read: gives [n, 80] from one column up to another that is not included.
    """
    out = silence()
    first = last - COLUMNS + 1
    begin, end = max(first, oldest), min(last + 1, made)
    if begin < end:
        out[:, begin - first : end - first] = read(begin, end).T
    return out


def silence() -> Floats:
    """Return [80, 16] of what a muted microphone, or none, gives."""
    return np.full((BANDS, COLUMNS), WAV2LIP.bounds[0], np.float32)


def edit_vector(intensities: Mapping[str, float]) -> Floats:
    """Return [8]: the intensity of each emotion by name.

    Raises:
        KeyError: there is no emotion of that name.
    """
    out = np.zeros(EDITS, np.float32)
    for name, intensity in intensities.items():
        if name not in EMOTIONS:
            raise KeyError(name)
        out[EMOTIONS.index(name)] = intensity
    return out


def asked(intensities: Mapping[str, float]) -> Floats:
    """Return [8]: what the network is asked for where these emotions are wanted; never neutral.

    Towards neutral the edit goes alone: it knows how this face looks at rest, the network does not.

    Raises:
        KeyError: there is no emotion of that name.
    """
    return edit_vector({**intensities, UNASKED: 0.0})


class LiveEditor:
    """Runs the network on squares; not for more than one thread.

    Args:
        engine: of ``SPEC``.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._retouch = Retouch()
        self._face = np.empty((1, 3, SIDE, SIDE), np.float32)

    @property
    def backend(self) -> str:
        """Who runs the network."""
        return self._engine.backend

    def fields(self, picture: Pixels, square: Square, edit: Floats, speech: Floats) -> Fields:
        """Ask the network what to do.

        Args:
            picture: [H, W, 3] RGB.
            square: around the face, ``SEEN`` faces wide.
            edit: [8], see ``edit_vector``.
            speech: [80, 16], see ``heard``.
        """
        return self.fields_of(Picture((picture,)), square, edit, speech)

    def fields_of(self, picture: Picture, square: Square, edit: Floats, speech: Floats) -> Fields:
        """Ask the network what to do to a picture in whatever layout; see ``fields``."""
        self._retouch.look(picture, square, self._face[0])
        out = self._engine(
            {
                "face": self._face,
                "edit": edit.reshape(1, EDITS, 1, 1),
                "speech": speech.reshape(1, 1, BANDS, COLUMNS),
            }
        )
        return Fields(out["shift"][0], out["colour"][0], out["mask"][0, 0])

    def apply(self, picture: Pixels, square: Square, fields: Fields) -> Pixels:
        """Return [H, W, 3] RGB with the square changed at the picture's own resolution.

        What lies outside the square is the same bit by bit.
        """
        return self.applied(Picture((picture,)), square, fields)[0]

    def applied(self, picture: Picture, square: Square, fields: Fields) -> tuple[Pixels, ...]:
        """Return the planes of a picture in whatever layout; see ``apply``."""
        return self._retouch.apply(picture, square, fields)

    def close(self) -> None:
        """Close the engine; idempotent."""
        self._engine.close()

"""The generator for calls at work: a square of the edited picture in, the same square out.

It runs after the geometric edit, on what that has made, and adds what no shift of points makes.
No PyTorch: the network runs on whatever back-end there is, and its fields are applied by the
kernels at the square's own resolution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engines.engine import Engine
from engines.spec import Spec, Tensor
from engines.wav2lip_emotion.faces import Floats, Pixels, Square
from engines.wav2lip_emotion.recipe import EMOTIONS
from kernels import cpu
from kernels.reference.mel import WAV2LIP

SIDE = 128
"""Pixels across the square that the network sees, and across its fields."""

SEEN = 1.4
"""Faces across it: the chin may move, and the mask needs room to fade."""

REACH = 0.1
"""The longest shift, in sides of the square."""

COLOUR = 0.5
"""The greatest change of colour, of 1."""

EDITS = len(EMOTIONS)

FAINT = 0.25
"""Intensity below which an edit fades to nothing."""

COLUMNS, BANDS = 16, WAV2LIP.bands

LOOK_AHEAD_MS = 40
"""How long after a picture its sound must be known: one picture. It is part of the latency."""

LEVELS = 3
"""Octaves over which the changed square is blended into the camera's picture."""

SPEC = Spec(
    "live_generator",
    (
        Tensor("face", (1, 3, SIDE, SIDE)),
        Tensor("edit", (1, EDITS, 1, 1)),
        Tensor("speech", (1, 1, BANDS, COLUMNS)),
    ),
    (
        Tensor("shift", (1, 2, SIDE, SIDE)),
        Tensor("colour", (1, 3, SIDE, SIDE)),
        Tensor("mask", (1, 1, SIDE, SIDE)),
    ),
)


_WEIGHTS = Path(__file__).with_name("live_generator.onnx")


def known_weights() -> Path | None:
    """Return the weights that come with this project, or None where none do.

    They work on a picture that the geometric edit has changed already, in a square around the
    landmarks of the camera's picture.
    """
    return _WEIGHTS if _WEIGHTS.exists() else None


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
    last = last_column(seconds)
    out = np.full((COLUMNS, BANDS), WAV2LIP.bounds[0], np.float32)
    first = last - COLUMNS + 1
    there = mel[max(0, first) : max(0, last + 1)]
    start = max(0, -first)
    out[start : start + len(there)] = there
    return np.ascontiguousarray(out.T)


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


@dataclass(frozen=True, slots=True)
class Fields:
    """What is to be done to a square, at the network's resolution.

    Attributes:
        shift: [2, 128, 128] right and down, in sides of the square.
        colour: [3, 128, 128] added to RGB of 0..1.
        mask: [128, 128] of 0..1.
    """

    shift: Floats
    colour: Floats
    mask: Floats


class LiveEditor:
    """Runs the network on squares; not for more than one thread.

    Args:
        engine: of ``SPEC``.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._scratch = cpu.Scratch()
        self._face = np.empty((1, 3, SIDE, SIDE), np.float32)

    def fields(self, picture: Pixels, square: Square, edit: Floats, speech: Floats) -> Fields:
        """Ask the network what to do.

        Args:
            picture: [H, W, 3] RGB.
            square: around the face, ``SEEN`` faces wide.
            edit: [8], see ``edit_vector``.
            speech: [80, 16], see ``heard``.
        """
        seen = square.cut(picture, SIDE).astype(np.float32)
        np.multiply(seen.transpose(2, 0, 1), np.float32(1 / 255), out=self._face[0])
        out = self._engine(
            {
                "face": self._face,
                "edit": edit.reshape(1, EDITS, 1, 1),
                "speech": speech.reshape(1, 1, BANDS, COLUMNS),
            }
        )
        return Fields(out["shift"][0], out["colour"][0], out["mask"][0, 0])

    def apply(self, picture: Pixels, square: Square, fields: Fields) -> Pixels:
        """Return the picture with the square changed at the picture's own resolution.

        What lies outside the square is the same bit by bit.
        """
        box = _box(square, picture)
        if box is None:
            return picture
        rows, columns = box
        part = np.ascontiguousarray(picture[rows, columns])
        shift, colour, mask = self._enlarged(fields, square, rows, columns)
        moved = cpu.warp(part, shift, sharp=True, scratch=self._scratch)
        above = np.clip(np.rint(moved + 255 * colour), 0, 255).astype(np.uint8)
        out = picture.copy()
        out[rows, columns] = cpu.blend(part, above, mask, LEVELS, scratch=self._scratch)
        return out

    def _enlarged(
        self, fields: Fields, square: Square, rows: slice, columns: slice
    ) -> tuple[Floats, Floats, Floats]:
        """Sample the fields at the picture's pixels; shifts in pixels, the mask 0 at the edge."""
        size = (columns.stop - columns.start, rows.stop - rows.start)
        step = SIDE / square.side
        first = square.matrix(SIDE) @ (columns.start, rows.start, 1)
        where = np.array([[step, 0, first[0]], [0, step, first[1]]])

        def sampled(field: Floats) -> Floats:
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            out = cv2.warpAffine(field, where, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
            return np.asarray(out, np.float32)

        shift = sampled(np.ascontiguousarray(fields.shift.transpose(1, 2, 0)))
        colour = sampled(np.ascontiguousarray(fields.colour.transpose(1, 2, 0)))
        mask = sampled(fields.mask * _faded())
        moved = np.ascontiguousarray((shift * np.float32(square.side)).transpose(2, 0, 1))
        return moved, colour, np.clip(mask, 0, 1)

    def close(self) -> None:
        """Close the engine; idempotent."""
        self._engine.close()


FADE = 12
"""Pixels of the square over which its mask falls to nothing, so that no edge shows."""


def _faded() -> Floats:
    ramp = np.clip((np.minimum(np.arange(SIDE), np.arange(SIDE)[::-1]) - 1) / FADE, 0, 1)
    return np.minimum(ramp[:, None], ramp[None]).astype(np.float32)


def _box(square: Square, picture: NDArray[np.uint8]) -> tuple[slice, slice] | None:
    """Return rows and columns of the picture that the square covers; None where too few."""
    half = square.side / 2
    left, top = max(0, int(square.x - half)), max(0, int(square.y - half))
    right = min(picture.shape[1], int(square.x + half) + 2)
    bottom = min(picture.shape[0], int(square.y + half) + 2)
    if right - left < 8 or bottom - top < 8:
        return None
    return slice(top, bottom), slice(left, right)

"""Opening the generator for calls, ready to work: what is slow the first time is done here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engines.engine import AUTO, EngineError, Options, open_engine
from engines.half import HalvedFile
from engines.landmarks.picture import Picture
from engines.placement import Placement
from engines.wav2lip_emotion.faces import Square
from engines.wav2lip_emotion.live import SIDE, SPEC, LiveEditor, edit_vector, silence
from engines.wav2lip_emotion.retouch import Fields

ROUNDS = 3
"""Runs before the first that counts."""


def open_editor(
    weights: Path, backends: Sequence[str] = AUTO, options: Options | None = None
) -> tuple[LiveEditor, Placement]:
    """Return the network on the first of ``backends`` that runs it, and where that is.

    Raises:
        EngineError: the file holds no generator for calls, or nothing here can run it; a sentence.
    """
    if not weights.is_file():
        raise EngineError(f"{weights}: there is no such file")
    options = options or Options(build=False)
    opened = open_engine(SPEC, HalvedFile(weights, options.cache), backends, options)
    editor = LiveEditor(opened.engine)
    try:
        _warm_up(editor)
    except Exception as error:  # back-ends have no common kind for a network of other shapes
        editor.close()
        reason = str(error).strip().partition("\n")[0][:200]
        raise EngineError(f"{weights}: this is no generator for calls ({reason})") from error
    return editor, Placement(SPEC.name, opened.engine.backend, opened.refused)


def _warm_up(editor: LiveEditor) -> None:
    """Run each kind of pixels through, and so load what is compiled once.

    Raises:
        ValueError: what the network gives is of other shapes.
    """
    square = Square(SIDE / 2, SIDE / 2, SIDE * 0.9)
    grey = np.full((SIDE, SIDE, 3), 128, np.uint8)
    luma, chroma = grey[..., 0].copy(), grey[: SIDE // 2, : SIDE // 2, 0].copy()
    for picture in (Picture((grey,)), Picture((luma, chroma, chroma), full_range=False)):
        for _ in range(ROUNDS):
            fields = editor.fields_of(picture, square, edit_vector({"happy": 1.0}), silence())
            _check(fields)
            editor.applied(picture, square, fields)


def _check(fields: Fields) -> None:
    for name, channels in (("shift", 2), ("colour", 3), ("mask", 1)):
        shape = np.shape(getattr(fields, name))
        wanted = (SIDE, SIDE) if channels == 1 else (channels, SIDE, SIDE)
        if shape != wanted:
            raise ValueError(f"its {name} is {list(shape)}, not {list(wanted)}")

"""The generator's weights that come with this project, and whether they are the default.

Light to import: whoever only asks which generator there is needs none of what runs one.
"""

from __future__ import annotations

from pathlib import Path

_WEIGHTS = Path(__file__).with_name("live_generator.onnx")

BEATS_THE_EDIT = False
"""Whether they do better than the geometric edit alone on people that they have never seen
(`visavis bench quality --paper`). Only then is the generator what `--generator auto` takes."""


def known_weights() -> Path | None:
    """Return the weights that come with this project, or None where none do.

    They work on a picture that the geometric edit has changed already, in a square around the
    landmarks of the camera's picture.
    """
    return _WEIGHTS if _WEIGHTS.exists() else None

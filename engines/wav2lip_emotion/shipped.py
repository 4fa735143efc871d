"""The generator's weights that come with this project, and whether they are the default.

Light to import: whoever only asks which generator there is needs none of what runs one.
"""

from __future__ import annotations

from pathlib import Path

_WEIGHTS = Path(__file__).with_name("live_generator.onnx")

BY_DEFAULT = False
"""Whether `--generator auto` takes them. Only weights are taken that do better than the geometric
edit alone on people that they have never seen, and that everybody may use: these may not."""


def known_weights() -> Path | None:
    """Return the weights that come with this project, or None where none do.

    They work on a picture that the geometric edit has changed already, in a square around the
    landmarks of the camera's picture.
    """
    return _WEIGHTS if _WEIGHTS.exists() else None

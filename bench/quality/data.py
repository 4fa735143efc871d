"""Where the measuring models and clips lie, and how the benches say that they are absent."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "VISAVIS_DATA"
"""The environment variable that names the folder; else ``shared/data`` beside the checkout."""


class DataMissing(Exception):
    """A file that a measurement needs is not on this machine; the measurement is skipped."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is absent; set {VARIABLE} to the folder with models/ and faces/")
        self.path = path


OWN = Path(__file__).resolve().parents[2] / "out" / "judges"
"""Where a judge's weights may lie that a person fetched; git ignores it."""


def root() -> Path:
    """Return the data folder, whether or not it exists."""
    named = os.environ.get(VARIABLE)
    if not named:
        return Path(__file__).resolve().parents[3] / "shared" / "data"
    folder = Path(named)
    # The variable may name the folder itself or the one it lies in.
    return folder / "data" if (folder / "data" / "models").is_dir() else folder


def find(*parts: str) -> Path:
    """Return a file or folder of the data folder.

    Raises:
        DataMissing: it is not there.
    """
    path = root().joinpath(*parts)
    if not path.exists():
        raise DataMissing(path)
    return path


def find_judge(name: str) -> Path:
    """Return a judge's weights from the data folder's models or from ``out/judges``.

    Raises:
        DataMissing: they are in neither.
    """
    own = OWN / name
    return own if own.exists() else find("models", name)

"""The log beside a recording: who asked the face for what, and when, one JSON object a line.

Times are seconds on the recording's own clock, which its pictures and sound share. The first line
tells what began, by which version and within which bounds; then comes each change, once a second
how many pictures each rung of the ladder gave, and last why it ended.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import cast

from realtime.recording.file import GuardedFile
from realtime.types import Edit, Emotion

FORMAT = 1


class EditLog:
    """Writes lines; each is in the file before the next, so that nothing is lost in a crash."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = GuardedFile(path)

    @property
    def written(self) -> int:
        """Bytes so far."""
        return self._file.written

    def write(self, at: int, kind: str, words: Mapping[str, object]) -> None:
        """Append what happened ``at`` nanoseconds after the start.

        Raises:
            OSError: the disk is full.
        """
        line = {"t": round(at / 1e9, 6), "type": kind} | dict(words)
        self._file.write(json.dumps(line).encode() + os.linesep.encode())

    def close(self) -> None:
        """Let go of the file; idempotent."""
        self._file.close()


def edits_of(lines: Iterable[str]) -> list[tuple[int, Edit]]:
    """Return the edits of a log with their times in nanoseconds, for playing it once more.

    Raises:
        ValueError: this is no log, or one of a later format.
    """
    edits: list[tuple[int, Edit]] = []
    for number, text in enumerate(lines):
        line = _read(text)
        if number == 0 and (line.get("type"), line.get("format")) != ("start", FORMAT):
            raise ValueError(f"it is no log of format {FORMAT}")
        if line.get("type") == "start":
            edits.append((0, _edit(cast("dict[str, object]", line.get("edit", {})))))
        elif line.get("type") in ("edit", "panic"):
            time = float(cast("float", line.get("t", 0)))
            edits.append((round(time * 1e9), _edit(line)))
    return edits


def _read(text: str) -> dict[str, object]:
    line: object = json.loads(text)
    if not isinstance(line, dict):
        raise ValueError("a line of it is no JSON object")
    return cast("dict[str, object]", line)


def _edit(words: Mapping[str, object]) -> Edit:
    given = {f.name: words[f.name] for f in fields(Edit) if words.get(f.name) is not None}
    if words.get("valence") is not None:  # as page and controllers speak of a point
        given["affect"] = [words["valence"], words["arousal"]]
    if "emotion" in given:
        given["emotion"] = Emotion(given["emotion"])
    if "affect" in given:
        valence, arousal = cast("list[float]", given["affect"])
        given["affect"] = (valence, arousal)
    if "coefficients" in given:
        given["coefficients"] = tuple(cast("dict[str, float]", given["coefficients"]).items())
    return Edit(**given)  # pyright: ignore[reportArgumentType] - of JSON

"""Contact sheets: people before and after, large enough to see what a number does not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from bench.portrait import portrait as astronaut
from bench.quality.clips import Clip, Take
from bench.quality.judges import Box, Floats, Pixels, square
from realtime.build import build_filter
from realtime.clock import Deadline
from realtime.config import FilterSettings
from realtime.picture import from_rgb, to_rgb
from realtime.types import Edit, Emotion

SIDE = 300
FACES, ZOOMS = 5, 3
"""Columns of a sheet of faces and of one of eyes and mouths; two rows each, to be seen whole."""
STRIPS = 5
"""Rows of a sheet that compares ways."""
LIPS = (61, 291, 0, 17)
EYES = (33, 263, 105, 334, 6)

Pair = tuple[Pixels, Pixels]


class Album:
    """Collects a pair of pictures a person and writes the sheets of one emotion."""

    def __init__(self) -> None:
        self._faces: list[tuple[str, Pair]] = []
        self._zooms: list[tuple[str, Pair]] = []

    def add(self, clip: Clip, before: Take, after: Take) -> None:
        """Keep a frame of the middle of the clip, when the edit has long faded in."""
        found = [i for i, p in enumerate(before.points) if p is not None]
        i = found[len(found) * 3 // 5]
        points = cast("Floats", before.points[i])
        name = str(clip.person)
        self._faces.append((name, _both(before, after, i, points, (1.35, -0.05))))
        eyes, lips = (_both(before, after, i, points[list(p)], (1.5, 0.0)) for p in (EYES, LIPS))
        beside = [np.concatenate(both, 1) for both in zip(eyes, lips, strict=True)]
        self._zooms.append((name, (beside[0], beside[1])))

    def write(self, folder: Path, name: str) -> None:
        """Write NAME-1.png, NAME-zoom-1.png and so on."""
        for part, pairs, columns in (("", self._faces, FACES), ("zoom-", self._zooms, ZOOMS)):
            page = 2 * columns
            for k in range(0, len(pairs), page):
                path = folder / f"{name}-{part}{k // page + 1}.png"
                save(grid(pairs[k : k + page], columns), path)


class Strips:
    """Collects one row a clip: the camera's picture, then what each way makes of it.

    Args:
        folder: of the sheets; None writes none.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._rows: list[list[Pixels]] = []

    def begin(self, name: str, before: Take) -> Strip:
        """Begin a row with a frame of the middle of a clip."""
        found = [i for i, p in enumerate(before.points) if p is not None]
        i = found[len(found) * 3 // 5] if found else 0
        row: list[Pixels] = []
        self._rows.append(row)
        strip = Strip(row, i, before.points[i])
        strip.add(before, name)
        return strip

    def close(self) -> None:
        """Write sheets of five rows."""
        full = [row for row in self._rows if row]
        for k in range(0, len(full), STRIPS):
            if self._folder:
                rows = [np.concatenate(row, 1) for row in full[k : k + STRIPS]]
                save(np.concatenate(rows, 0), self._folder / f"ways-{k // STRIPS + 1}.png")


class Strip:
    """A row of one clip."""

    def __init__(self, row: list[Pixels], frame: int, points: Floats | None) -> None:
        self._row, self._frame, self._points = row, frame, points

    def add(self, after: Take, name: str = "") -> None:
        """Append what a way made of the clip."""
        if self._points is not None:
            cut = square(after.rgb[self._frame], self._points, (1.35, -0.05), SIDE)
            self._row.append(_labelled(cast("Pixels", cut), name))

    def skip(self) -> None:
        """Leave a place empty, for a way that does not know the change."""
        if self._points is not None:
            self._row.append(_labelled(np.full((SIDE, SIDE, 3), 255, np.uint8), ""))


def _both(before: Take, after: Take, i: int, points: Floats, box: Box) -> Pair:
    pictures = (square(taken.rgb[i], points, box, SIDE) for taken in (before, after))
    a, b = (cast("Pixels", picture) for picture in pictures)
    return a, b


def grid(pairs: Sequence[tuple[str, Pair]], columns: int) -> Pixels:
    """Lay out the pairs, the original above the edited, a label on each."""
    cells = [_labelled(np.concatenate(pair, 0), name) for name, pair in pairs]
    blank = np.full_like(cells[0], 255)
    cells += [blank] * (-len(cells) % columns)
    rows = [np.concatenate(cells[k : k + columns], 1) for k in range(0, len(cells), columns)]
    return np.concatenate(rows, 0)


def _labelled(picture: Pixels, text: str) -> Pixels:
    out = np.pad(picture, ((2, 2), (2, 2), (0, 0)), constant_values=255)
    font = cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(out, text, (8, 24), font, 0.7, (0, 0, 0), 4, cv2.LINE_AA)
    cv2.putText(out, text, (8, 24), font, 0.7, (255, 255, 255), 1, cv2.LINE_AA)
    return out


def save(rgb: Pixels, path: Path) -> None:
    """Write a PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))


def portrait(path: Path, intensity: float) -> None:
    """Draw the public-domain portrait of an astronaut as it is and in every emotion."""
    part = astronaut()[:320, 60:380]
    large = cast("Pixels", cv2.resize(part, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC))
    shown = [("as she is", _cut(large))]
    edits = (Edit(emotion, intensity) for emotion in Emotion)
    shown += [(str(e.emotion and e.emotion.value), _cut(_edited(large, e))) for e in edits]
    cells = [_labelled(picture, name) for name, picture in shown]
    save(np.concatenate([np.concatenate(cells[k : k + 3], 1) for k in (0, 3, 6)], 0), path)


def _edited(rgb: Pixels, edit: Edit) -> Pixels:
    filtering = build_filter(FilterSettings(), still=True)
    try:
        out = filtering(from_rgb(rgb), edit, Deadline(None))
    finally:
        filtering.close()
    return to_rgb(out.frame) if out else rgb


def _cut(rgb: Pixels) -> Pixels:
    """Cut the astronaut's face out of the enlarged portrait, small enough for a page."""
    face = rgb[50:610, 210:770]
    return cast("Pixels", cv2.resize(face, (SIDE, SIDE), interpolation=cv2.INTER_AREA))

"""The mark that only programs see: one level of light more here and less there, all over a picture.

Each word that can be said has a pattern of 45 x 80 cells, stretched over the picture whatever its
size. A cell is wide enough for a codec to keep, and one level is too little for an eye to see. To
find it, the pictures of a few seconds are averaged, what is smooth in them is taken away, and the
rest is held against each pattern.

It is a courtesy to whoever asks, not a lock: cropping, turning or repainting the picture removes
it, and anybody may add it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import cv2
import numpy as np

from realtime.types import Edit, Emotion, Floats, Frame, PixelFormat, Pixels

ROWS, COLUMNS = 45, 80
VERSION = 1
POINT = "expression"
"""The word for an edit by valence and arousal."""
WORDS = (*(emotion.value for emotion in Emotion), POINT)
SURE = 4.5
"""The score from which on a pattern counts as found. Of 181,000 patterns of chance held against two
seconds of unmarked clips each, none scored above 3.5; at 1 Mbit/s a mark scores 10 to 25."""
LOUDEST = 2.0
"""Levels beyond which a cell that differs from its neighbours says no more."""

_AROUND = np.array([[1, 2, 1], [2, 0, 2], [1, 2, 1]], np.float32) / 12


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in some pictures.

    Attributes:
        word: which edit the strongest pattern stands for.
        score: how well it fits; by chance about 0, give or take 0.75.
    """

    word: str
    score: float

    @property
    def sure(self) -> bool:
        """Whether this cannot be chance."""
        return self.score >= SURE


def word_of(edit: Edit) -> str:
    """Return the word that stands for ``edit``."""
    return edit.emotion.value if edit.emotion and not edit.affect else POINT


def marked(frame: Frame, word: str) -> Frame:
    """Return ``frame`` with the mark in its light; about 0.1 ms at 1280x720."""
    more, less = _layers(word, frame.width, frame.height, frame.format)
    first = cv2.subtract(cv2.add(frame.planes[0], more), less)
    return frame.with_planes((cast("Pixels", first), *frame.planes[1:]))


class Average:
    """The mean light of pictures by cell: all that the search needs to keep of them."""

    def __init__(self) -> None:
        self._sum = np.zeros((ROWS, COLUMNS), np.float64)
        self.count = 0

    def add(self, frame: Frame) -> None:
        """Take in one picture, of any size."""
        light = frame.planes[0]
        if frame.format == "rgb24":
            light = cast("Pixels", cv2.cvtColor(light, cv2.COLOR_RGB2GRAY))
        self._sum += cv2.resize(
            light.astype(np.float32), (COLUMNS, ROWS), interpolation=cv2.INTER_AREA
        )
        self.count += 1

    def cells(self) -> Floats:
        """Return [ROWS, COLUMNS] of 0..255."""
        return (self._sum / max(1, self.count)).astype(np.float32)


def find(cells: Floats) -> Finding:
    """Return the pattern that fits ``cells`` best, the way they are or in a mirror."""
    return max(
        (
            Finding(word, fit(seen, _pattern(VERSION, number)))
            for number, word in enumerate(WORDS)
            for seen in (cells, np.ascontiguousarray(cells[:, ::-1]))
        ),
        key=lambda finding: finding.score,
    )


def fit(cells: Floats, pattern: Floats) -> float:
    """Return how well ``pattern`` agrees with what is rough in ``cells``, against chance.

    Where much is rough anyway, little is to be learned, so calm parts count most.
    """
    rough = np.clip(_rough(cells), -LOUDEST, LOUDEST)
    weighed = rough / (cv2.blur(rough * rough, (5, 5)) + 0.3)
    agreed = weighed * _rough(pattern)
    spread = float(np.sqrt(np.sum(agreed * agreed)))
    return float(agreed.sum()) / spread if spread > 0 else 0.0


def found_in(frames: Iterable[Frame]) -> Finding:
    """Return what all of ``frames`` together say."""
    average = Average()
    for frame in frames:
        average.add(frame)
    return find(average.cells())


def _rough(cells: Floats) -> Floats:
    around = cv2.filter2D(cells, -1, _AROUND, borderType=cv2.BORDER_REFLECT)
    return cells - cast("Floats", around)


@lru_cache(maxsize=64)
def _pattern(version: int, number: int) -> Floats:
    """Return [ROWS, COLUMNS] of -1 and 1. Never to be changed: marks are out in the world."""
    state = np.random.PCG64((version, number)).random_raw(ROWS * COLUMNS)
    return ((state & 1).astype(np.float32) * 2 - 1).reshape(ROWS, COLUMNS)


@lru_cache(maxsize=4)
def _layers(word: str, width: int, height: int, layout: PixelFormat) -> tuple[Pixels, Pixels]:
    """Return where the picture becomes lighter and where darker, by one level."""
    pattern = _pattern(VERSION, WORDS.index(word))
    wide = cast("Floats", cv2.resize(pattern, (width, height), interpolation=cv2.INTER_LINEAR))
    more, less = ((side > 0.3).astype(np.uint8) for side in (wide, -wide))
    if layout == "rgb24":
        more, less = (np.repeat(side[..., None], 3, axis=2) for side in (more, less))
    return more, less

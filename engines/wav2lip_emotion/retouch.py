"""A square of a picture as the generator for calls sees it, and what it says done to that square.

Both work on the planes as they came: what is seen is converted on the way into the network, and a
change of colour is turned into one of luma and chroma, which are never converted back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from engines.landmarks.picture import Picture
from engines.wav2lip_emotion.faces import Floats, Pixels, Square
from engines.wav2lip_emotion.signatures import LIVE_SIDE
from kernels import cpu
from kernels.reference.colour import Colours
from kernels.reference.crop import subsampling
from kernels.reference.yuv import to_yuv_matrix

SIDE = LIVE_SIDE
"""Pixels across the square that the network sees, and across its fields."""

RIM, FADE = 4, 12
"""Cells of 128 at the square's edge that stay as they are, and over which its mask falls to them.
The face ends 18 cells from the edge."""

COARSEST = SIDE // RIM
"""The changed square is blended in by octaves: features of an nth of it pass over in the rim."""

SMALLER = 0.75
"""A square that is drawn smaller than this share of itself is softened first."""

UNSEEN = 1 / 256
"""A mask below this changes nothing that eight bits could hold."""

LEAST = 8
"""Pixels of the picture that must be there to be worth a change."""


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

    def weakened(self, weight: float | Floats) -> Fields:
        """Return the same with a mask of so much: a number, or [128, 128]."""
        return replace(self, mask=self.mask * np.float32(weight))


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle of a picture's first plane; its left and top are even.

    Attributes:
        left: first column.
        top: first row.
        right: column after the last.
        bottom: row after the last.
    """

    left: int
    top: int
    right: int
    bottom: int

    @property
    def large(self) -> bool:
        """Whether it is worth anything."""
        return self.right - self.left >= LEAST and self.bottom - self.top >= LEAST

    def of(self, plane: Pixels, sx: int, sy: int) -> Pixels:
        """View it in a plane whose samples cover ``sx`` by ``sy`` pixels."""
        return plane[self.top // sy : -(-self.bottom // sy), self.left // sx : -(-self.right // sx)]


class Retouch:
    """Cuts squares out of pictures and applies fields to them; not for more than one thread."""

    def __init__(self) -> None:
        self._scratch = cpu.Scratch()

    def look(self, picture: Picture, square: Square, out: Floats) -> None:
        """Write the square as RGB of 0..1 into ``out``, [3, 128, 128].

        Beyond the picture its outermost pixels go on.
        """
        k = SIDE / square.side
        part = _around(square, picture, 2 / k + 2)
        samples = _subsampling(picture)
        seen = [
            _softened(part.of(plane, *each), k * each[0])
            for plane, each in zip(picture.planes, samples, strict=True)
        ]
        first = square.matrix(SIDE)[:, 2]
        way = np.array(
            [[1 / k, 0, -first[0] / k - part.left], [0, 1 / k, -first[1] / k - part.top]]
        )
        cpu.crop_rgb(
            seen,
            way,
            (SIDE, SIDE),
            colours=Colours(picture.full_range),
            scratch=self._scratch,
            out=out.transpose(1, 2, 0),
        )

    def apply(self, picture: Picture, square: Square, fields: Fields) -> tuple[Pixels, ...]:
        """Return the picture's planes with the square changed at their own resolution.

        What lies outside the square is the same bit by bit; planes of which nothing changes are the
        very same.
        """
        mask = fields.mask * _faded()
        part = _touched(square, picture, mask)
        if part is None:
            return tuple(picture.planes)
        out: list[Pixels] = []
        for planes, (sx, sy), change in _groups(picture):
            grid = _Grid.of(square, part, sx, sy, planes[0])
            reach = np.array([square.side / sx, square.side / sy], np.float32)
            shift = self._enlarged("shift", grid, fields.shift * reach[:, None, None])
            soft = self._enlarged("mask", grid, mask[None])[0]
            light = self._enlarged("light", grid, _changed_by(change, fields.colour))
            each = [light] if planes[0].ndim == 3 else light[:, None]
            for plane, added in zip(planes, each, strict=True):
                changed = plane.copy()
                pixels = part.of(changed, sx, sy)
                self._change(pixels, shift, added, soft, _octaves(square.side / max(sx, sy)))
                out.append(changed)
        return tuple(out)

    def _enlarged(self, name: str, grid: _Grid, fields: Floats) -> Floats:
        out = self._scratch.take(name, (len(fields), *grid.size[::-1]))
        return cpu.enlarge(
            fields, grid.across, grid.down, grid.size, scratch=self._scratch, out=out
        )

    def _change(
        self, pixels: Pixels, shift: Floats, light: Floats, mask: Floats, octaves: int
    ) -> None:
        moved = self._scratch.take("moved", pixels.shape, np.uint8)
        cpu.warp(pixels, shift, sharp=True, scratch=self._scratch, out=moved)
        added = np.ascontiguousarray(light.transpose(1, 2, 0)) if pixels.ndim == 3 else light[0]
        above = cast("Pixels", cv2.add(moved, added, dtype=cv2.CV_8U))
        cpu.blend(pixels, above, mask, octaves, scratch=self._scratch, out=pixels)


@dataclass(frozen=True, slots=True)
class _Grid:
    """The pixels of a part of a plane, and where they lie in the fields."""

    size: tuple[int, int]
    across: tuple[float, float]
    down: tuple[float, float]

    @classmethod
    def of(cls, square: Square, part: Part, sx: int, sy: int, plane: Pixels) -> _Grid:
        height, width = part.of(plane, sx, sy).shape[:2]
        k, middle = SIDE / square.side, (SIDE - 1) / 2
        x = middle + k * (part.left + (sx - 1) / 2 - square.x)
        y = middle + k * (part.top + (sy - 1) / 2 - square.y)
        return cls((width, height), (x, k * sx), (y, k * sy))


def _groups(
    picture: Picture,
) -> list[tuple[Sequence[Pixels], tuple[int, int], Floats]]:
    """Return planes that are sampled alike, how, and what a change of RGB is to each of them."""
    planes = picture.planes
    if planes[0].ndim == 3:
        return [(planes, (1, 1), np.eye(3, dtype=np.float32))]
    change = _yuv_change(picture.full_range)
    groups: list[tuple[Sequence[Pixels], tuple[int, int], Floats]] = [
        (planes[:1], (1, 1), change[:1])
    ]
    if len(planes) == 3:
        groups.append((planes[1:], subsampling(planes[1], planes[0]), change[1:]))
    return groups


@cache
def _yuv_change(full_range: bool) -> Floats:
    return to_yuv_matrix(Colours(full_range))[:, :3].astype(np.float32)


def _changed_by(change: Floats, colour: Floats) -> Floats:
    """Return [C, 128, 128] in steps of 8 bits: the sum of red, green and blue, each by its share.

    Not as a product of matrices: for so few rows their library would wake its threads.
    """
    red, green, blue = colour
    return np.stack([np.float32(255) * (r * red + g * green + b * blue) for r, g, b in change])


def _subsampling(picture: Picture) -> list[tuple[int, int]]:
    first = picture.planes[0]
    return [(1, 1), *(subsampling(plane, first) for plane in picture.planes[1:])]


def _around(square: Square, picture: Picture, margin: float) -> Part:
    """Return what of the picture lies in the square or near it; a part of its edge at least."""
    reach = square.side / 2 + margin
    width, height = picture.width, picture.height

    def span(middle: float, size: int) -> tuple[int, int]:
        low = min(max(0, int(middle - reach) // 2 * 2), max(0, size - 4) // 2 * 2)
        return low, max(min(size, int(middle + reach) // 2 * 2 + 2), min(size, low + 4))

    (left, right), (top, bottom) = span(square.x, width), span(square.y, height)
    return Part(left, top, right, bottom)


def _touched(square: Square, picture: Picture, mask: Floats) -> Part | None:
    """Return the part of the picture, inside the square, that a mask touches; None where none."""
    seen = mask > UNSEEN
    columns, rows = np.flatnonzero(seen.any(0)), np.flatnonzero(seen.any(1))
    if not len(columns):
        return None
    step, half = square.side / SIDE, square.side / 2
    room = RIM * step  # over which coarse features pass

    def span(middle: float, cells: NDArray[np.intp], size: int) -> tuple[int, int]:
        start, end = middle - half + 0.5, middle + half - 0.5
        low = max(start, start + (cells[0] - 1) * step - room)
        high = min(end, start + (cells[-1] + 2) * step + room)
        right = min(size, int(np.floor(high)) + 1)
        return max(0, int(np.ceil(low / 2)) * 2), right if right == size else right // 2 * 2

    (left, right), (top, bottom) = (
        span(square.x, columns, picture.width),
        span(square.y, rows, picture.height),
    )
    part = Part(left, top, right, bottom)
    return part if part.large else None


def _octaves(side: float) -> int:
    """Return how often a square of so many samples may be halved."""
    return max(0, int(np.log2(max(1.0, side / COARSEST))))


def _softened(plane: Pixels, k: float) -> Pixels:
    """Blur what is about to be drawn ``k`` times as large, so that detail turns not into noise."""
    if k >= SMALLER:
        return plane
    soft = cv2.GaussianBlur(plane, (0, 0), 0.35 / k, borderType=cv2.BORDER_REPLICATE)
    return cast("Pixels", soft)


@cache
def _faded() -> Floats:
    ramp = np.clip((np.minimum(np.arange(SIDE), np.arange(SIDE)[::-1]) - RIM) / FADE, 0, 1)
    return np.minimum(ramp[:, None], ramp[None]).astype(np.float32)

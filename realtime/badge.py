"""The visible label in a picture whose face is edited: small, in a corner, in words anyone reads.

It stands at the bottom right, which the programs for calls leave free: names are at the left, signs
for sound and pins at the top.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from realtime.types import SUBSAMPLING, Edit, Floats, Frame, PixelFormat

SHARE = 0.030
"""Height of the letters' size as a share of the picture's shorter side."""
SMALLEST = 12
"""The size in pixels below which nobody reads it, whatever the picture's size."""
DARKNESS = 0.62
"""How far the ground of the label covers the picture."""
GRAIN = 8
"""How many times finer the label's outline is drawn than it is shown."""

Weights = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Stamp:
    """A label for pictures of one size and layout, ready to be laid over them.

    Attributes:
        top: where it begins in the first plane, rows; a multiple of the subsampling.
        left: the same in columns.
        keep: by plane, how much of the picture stays, 0..256.
        add: by plane, what comes on top, times 256.
    """

    top: int
    left: int
    keep: tuple[Weights, ...]
    add: tuple[Weights, ...]


def label(edit: Edit) -> str:
    """Return what the badge says of ``edit``."""
    return f"filtered · {edit.emotion.value}" if edit.emotion and not edit.affect else "filtered"


def stamped(frame: Frame, text: str, opacity: float = 1.0) -> Frame:
    """Return ``frame`` with the badge in its corner; about 0.1 ms at 1280x720."""
    stamp = _stamp(
        text, frame.width, frame.height, frame.format, frame.full_range, round(opacity * 8)
    )
    planes = [plane.copy() for plane in frame.planes]
    for i, (keep, add) in enumerate(zip(stamp.keep, stamp.add, strict=True)):
        across, down = SUBSAMPLING[frame.format] if i else (1, 1)
        rows, columns = keep.shape[:2]
        top, left = stamp.top // down, stamp.left // across
        part = planes[i][top : top + rows, left : left + columns]
        part[:] = (part * keep + add) >> 8
    return frame.with_planes(tuple(planes))


def _size(width: int, height: int) -> int:
    return max(SMALLEST, round(SHARE * min(width, height * 4 // 3)))


@lru_cache(maxsize=32)
def _stamp(
    text: str, width: int, height: int, layout: PixelFormat, full_range: bool, eighths: int
) -> Stamp:
    size = _size(width, height)
    ground, ink = _drawn(text, size)
    if ground.shape[1] > width - size:  # the sign alone still says that something is done
        ground, ink = _drawn("", size)
    ground, ink = ground[:height, :width], ink[:height, :width]
    top = max(0, height - size // 2 - ground.shape[0]) // 2 * 2
    left = max(0, width - size // 2 - ground.shape[1]) // 2 * 2
    black, white = (0, 255) if full_range or layout == "rgb24" else (16, 235)
    cover = ground * (DARKNESS + (1 - DARKNESS) * ink) * (eighths / 8)
    light = cover * (black + ink * (white - black))
    keep, add = [_keep(cover)], [_scaled(light)]
    if layout.startswith("yuv"):
        chroma = _shrunk(cover, *SUBSAMPLING[layout])
        keep += [_keep(chroma)] * 2
        add += [_scaled(chroma * 128)] * 2
    if layout == "rgb24":
        keep, add = [keep[0][..., None]], [add[0][..., None]]
    return Stamp(top, left, tuple(keep), tuple(add))


@lru_cache(maxsize=16)
def _drawn(text: str, size: int) -> tuple[Floats, Floats]:
    """Return the label's ground and its ink, [h, w] of 0..1; sides are even."""
    # Imported here, as only who shows a badge needs it.
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415

    font = ImageFont.load_default(size)  # Aileron, public domain, comes with Pillow
    pad, sign = round(size * 0.55), round(size * 0.72)
    height = round(size * 1.7 / 2) * 2
    begin = pad + sign + (round(size * 0.4) if text else 0)
    width = -(-(begin + round(font.getlength(text)) + pad) // 2) * 2
    ink = Image.new("L", (width, height))
    ImageDraw.Draw(ink).text((begin, height / 2), text, 255, font, anchor="lm")
    fine = Image.new("L", (width * GRAIN, height * GRAIN))
    pen = ImageDraw.Draw(fine)
    # A disc of which one half is filled: as it is, and as it is shown.
    x, y, side = pad * GRAIN, (height - sign) * GRAIN // 2, sign * GRAIN
    pen.ellipse((x, y, x + side, y + side), outline=255, width=max(GRAIN, side // 9))
    pen.pieslice((x, y, x + side, y + side), 90, 270, fill=255)
    disc = _shrunk(np.asarray(fine, np.float32), GRAIN, GRAIN)
    plate = Image.new("L", fine.size)
    ImageDraw.Draw(plate).rounded_rectangle(
        (0, 0, plate.width - 1, plate.height - 1), plate.height // 2, 255
    )
    ground = _shrunk(np.asarray(plate, np.float32), GRAIN, GRAIN)
    return ground / 255, np.maximum(np.asarray(ink, np.float32), disc) / 255


def _shrunk(drawing: Floats, across: int, down: int) -> Floats:
    rows, columns = drawing.shape[0] // down, drawing.shape[1] // across
    parts = drawing[: rows * down, : columns * across].reshape(rows, down, columns, across)
    return parts.mean(axis=(1, 3), dtype=np.float32)


def _keep(cover: Floats) -> Weights:
    return np.rint((1 - cover) * 256).astype(np.uint16)


def _scaled(light: Floats) -> Weights:
    return np.rint(light * 256).astype(np.uint16)

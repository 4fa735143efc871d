"""Pictures that a phone stored lying down, or mirrored, are set upright before anything else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import av
import numpy as np
from numpy.typing import NDArray

from realtime.types import Frame, Pixels


@dataclass(frozen=True, slots=True)
class Turn:
    """How stored pixels become upright ones: swap the axes first, then mirror.

    Attributes:
        transpose: rows become columns.
        mirror_x: then left and right change places.
        mirror_y: then top and bottom change places.
    """

    transpose: bool = False
    mirror_x: bool = False
    mirror_y: bool = False


def turn_of(picture: av.VideoFrame) -> Turn:
    """Read the display matrix that came with ``picture``; without one it is upright."""
    side_data = picture.side_data.get("DISPLAYMATRIX")
    if side_data is None:
        return Turn()
    memory = cast("memoryview[int]", side_data)
    return turn_by(np.frombuffer(memory, np.int32).reshape(3, 3))


def turn_by(matrix: NDArray[np.int32]) -> Turn:
    """Return the nearest quarter turn to a display matrix, whose rows say where x and y go."""
    (a, b), (c, d) = matrix[:2, :2].tolist()
    if abs(b) > abs(a):
        return Turn(transpose=True, mirror_x=c < 0, mirror_y=b < 0)
    return Turn(mirror_x=a < 0, mirror_y=d < 0)


def upright(frame: Frame, turn: Turn) -> Frame:
    """Return ``frame`` turned; not a pixel of it is interpolated."""
    if turn == Turn():
        return frame
    if turn.transpose and frame.format == "yuv422p":
        # Turned, 4:2:2 would be halved along rows, a layout that few can read; 4:4:4 keeps it all.
        luma, *chroma = frame.planes
        wide = (np.repeat(plane, 2, axis=1)[:, : frame.width] for plane in chroma)
        frame = replace(frame, planes=(luma, *wide), format="yuv444p")
    return frame.with_planes(tuple(_turned(plane, turn) for plane in frame.planes))


def _turned(plane: Pixels, turn: Turn) -> Pixels:
    if turn.transpose:
        plane = plane.swapaxes(0, 1)
    if turn.mirror_x:
        plane = plane[:, ::-1]
    if turn.mirror_y:
        plane = plane[::-1]
    return np.ascontiguousarray(plane)

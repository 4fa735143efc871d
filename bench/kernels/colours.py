"""From a camera's planes to a network's input, and from colours back to planes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from bench.kernels.contest import OURS, REFERENCE, Contest, Work
from kernels import cpu, reference
from realtime.picture import to_av, to_rgb
from realtime.types import Floats, Frame, Pixels

SIDE = 192
"""Of the face mesh's input."""

FACE = 0.6
"""Side of the square around a face, as a share of the picture's height."""

_CV: Any = cv2  # takes scalars where its types know of arrays only

_BILINEAR = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP


def crops(frames: Sequence[Frame], size: str) -> Iterator[Contest]:
    """Yield the crop of a face, turned by 8 degrees, as RGB of 0..1."""
    way, out, scratch = _way(frames[0]), np.empty((SIDE, SIDE, 3), np.float32), cpu.Scratch()
    pictures = [to_av(frame) for frame in frames]

    def ours(n: int) -> Any:
        return cpu.crop_rgb(
            frames[n % len(frames)].planes, way, (SIDE, SIDE), scratch=scratch, out=out
        )

    def planes_first(n: int) -> Any:
        return _normalised(_by_planes(frames[n % len(frames)], way), out)

    def whole_by_opencv(n: int) -> Any:
        rgb = cv2.cvtColor(_i420(frames[n % len(frames)]), cv2.COLOR_YUV2RGB_I420)
        return _normalised(cv2.warpAffine(rgb, way, (SIDE, SIDE), flags=_BILINEAR), out)

    def whole_by_pyav(n: int) -> Any:
        rgb = pictures[n % len(pictures)].to_ndarray(format="rgb24")
        return _normalised(cv2.warpAffine(rgb, way, (SIDE, SIDE), flags=_BILINEAR), out)

    ways: dict[str, Work] = {
        OURS: ours,
        "OpenCV: three planes, then RGB": planes_first,
        "OpenCV: all RGB, then the crop": whole_by_opencv,
        "PyAV: all RGB, then OpenCV's crop": whole_by_pyav,
        REFERENCE: lambda n: reference.crop_rgb(frames[n % len(frames)].planes, way, (SIDE, SIDE)),
    }
    yield Contest(f"crop {SIDE}x{SIDE} of {size}", ways, levels=255)


def to_yuv(frames: Sequence[Frame], size: str) -> Iterator[Contest]:
    """Yield RGB to YUV420 of the whole picture, and where only a face's square has changed."""
    pictures = [np.ascontiguousarray(to_rgb(frame)) for frame in frames]
    height, width = pictures[0].shape[:2]
    left, top, side = _square(width, height)
    part = (slice(top, top + side), slice(left, left + side))
    scratch, out = cpu.Scratch(), reference.to_yuv420(pictures[0])
    stacked = np.empty((height * 3 // 2, width), np.uint8)

    def by_opencv(n: int) -> Any:
        return _planes(cv2.cvtColor(pictures[n % len(pictures)], cv2.COLOR_RGB2YUV_I420, stacked))

    def by_pyav(n: int) -> Any:
        frame = av.VideoFrame.from_ndarray(pictures[n % len(pictures)], format="rgb24")
        return _planes(frame.reformat(format="yuv420p").to_ndarray())

    def whole(n: int) -> Any:
        return cpu.to_yuv420(pictures[n % len(pictures)], scratch=scratch, out=out)

    def plainly(n: int) -> Any:
        return reference.to_yuv420(pictures[n % len(pictures)])

    others: dict[str, Work] = {"OpenCV": by_opencv, "PyAV": by_pyav}
    yield Contest(f"RGB to YUV420 of {size}", {OURS: whole, **others, REFERENCE: plainly})

    base = reference.to_yuv420(pictures[0])  # the rest of the frame, which stays

    def changed(n: int) -> Any:
        rgb = pictures[n % len(pictures)][part]
        return cpu.to_yuv420(rgb, scratch=scratch, at=(left, top), out=base)

    def plainly_changed(n: int) -> Any:
        return reference.to_yuv420(pictures[n % len(pictures)][part], at=(left, top), out=base)

    yield Contest(
        f"RGB to YUV420 of a face in {size}", {OURS: changed, **others, REFERENCE: plainly_changed}
    )


def _square(width: int, height: int) -> tuple[int, int, int]:
    side = int(FACE * height) // 2 * 2
    return (width - side) // 4 * 2, (height - side) // 4 * 2, side


def _way(frame: Frame) -> Floats:
    turn, zoom = math.radians(8), FACE * frame.height / SIDE
    c, s, half = zoom * math.cos(turn), zoom * math.sin(turn), SIDE / 2
    right, down = frame.width / 2 - half * (c - s), frame.height / 2 - half * (s + c)
    return np.array([[c, -s, right], [s, c, down]], np.float32)


def _by_planes(frame: Frame, way: Floats) -> Pixels:
    """Return RGB as one would make it of three plain calls: chroma at half the crop's size."""
    i420 = np.empty((SIDE * 3 // 2, SIDE), np.uint8)
    half = SIDE // 2
    smaller = way.copy()
    smaller[:, 2] = way[:, 2] / 2 + way[:, :2].sum(axis=1) / 4 - 0.25
    cv2.warpAffine(frame.planes[0], way, (SIDE, SIDE), i420[:SIDE], _BILINEAR)
    chroma = i420[SIDE:].reshape(2, half, half)
    for plane, part in zip(frame.planes[1:], chroma, strict=True):
        cv2.warpAffine(plane, smaller, (half, half), part, _BILINEAR)
    return np.asarray(cv2.cvtColor(i420, cv2.COLOR_YUV2RGB_I420), np.uint8)


def _normalised(rgb: Any, out: Floats) -> Floats:
    return np.asarray(_CV.multiply(rgb, (1 / 255,) * 4, out, dtype=cv2.CV_32F), np.float32)


def _i420(frame: Frame) -> NDArray[np.uint8]:
    luma, *chroma = frame.planes
    return np.vstack([luma, *(plane.reshape(-1, frame.width) for plane in chroma)])


def _planes(stacked: Any) -> tuple[Any, ...]:
    width = stacked.shape[1]
    height = stacked.shape[0] * 2 // 3
    u, v = stacked[height:].reshape(2, height // 2, width // 2)
    return stacked[:height], u, v

"""Pictures on their way in and out: PyAV's frames and ours, without a needless change of pixels."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import cast

import av
import numpy as np
from av.video.format import VideoFormat
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter

from realtime.types import SUBSAMPLING, Frame, PixelFormat, Pixels

NANOSECOND = Fraction(1, 1_000_000_000)

_KEPT: dict[str, PixelFormat] = {
    "yuv420p": "yuv420p",
    "yuvj420p": "yuv420p",
    "yuv422p": "yuv422p",
    "yuvj422p": "yuv422p",
    "yuv444p": "yuv444p",
    "yuvj444p": "yuv444p",
    "gray": "gray",
    "rgb24": "rgb24",
}
"""Layouts that are taken as they are; "yuvj" is the old way of saying full range."""

_PLANAR: dict[tuple[int, int], PixelFormat] = {
    (sub_x, sub_y): cast(PixelFormat, name)
    for name, (sub_x, sub_y) in SUBSAMPLING.items()
    if name.startswith("yuv")
}


def native_format(name: str) -> PixelFormat:
    """Return the layout that holds a picture of PyAV's format ``name`` with the least change.

    8-bit planar YUV, gray and RGB stay; packed and semi-planar YUV is only moved about; deeper
    pictures are rounded to 8 bits; everything with a palette or RGB in it becomes rgb24.
    """
    if name in _KEPT:
        return _KEPT[name]
    layout = VideoFormat(name)
    if layout.is_rgb or layout.has_palette or layout.is_bayer:
        return "rgb24"
    if len(layout.components) < 3:
        return "gray"
    subsampling = (4 // layout.chroma_width(4), 4 // layout.chroma_height(4))
    return _PLANAR.get(subsampling, "yuv420p")


def from_av(frame: av.VideoFrame, captured: int, seq: int, *, copy: bool = True) -> Frame:
    """Return ``frame`` in its native layout, free of the decoder's row padding.

    Without ``copy`` its pixels stay where the decoder put them, and are there for as long as
    anyone has them; they must not be written to, and rows need not touch each other.
    """
    target = native_format(frame.format.name)
    full = target == "rgb24" or is_full_range(frame)
    picture = frame
    if frame.format.name not in _KEPT:
        picture = _reformat(frame, target, full)
    planes = tuple(plane_rows(picture, i) for i in range(len(picture.planes)))
    pts, time_base = captured, NANOSECOND
    if frame.pts is not None and frame.time_base:
        pts, time_base = frame.pts, frame.time_base
    return Frame(
        planes=tuple(plane.copy() for plane in planes) if copy else planes,
        format=target,
        captured=captured,
        pts=pts,
        time_base=time_base,
        seq=seq,
        full_range=full,
    )


def to_av(frame: Frame) -> av.VideoFrame:
    """Return ``frame`` as PyAV's, with its time stamp and range."""
    picture = av.VideoFrame(frame.width, frame.height, frame.format)
    for i, plane in enumerate(frame.planes):
        plane_rows(picture, i)[:] = plane
    picture.pts = frame.pts
    picture.time_base = frame.time_base
    picture.color_range = ColorRange.JPEG if frame.full_range else ColorRange.MPEG
    return picture


def to_rgb(frame: Frame) -> Pixels:
    """Return [H, W, 3] RGB, 0..255; BT.601, as webcams have it. About 0.25 ms at 1280x720."""
    return convert(frame, "rgb24").planes[0]


def from_rgb(
    rgb: Pixels,
    *,
    captured: int = 0,
    pts: int | None = None,
    time_base: Fraction = NANOSECOND,
    seq: int = 0,
) -> Frame:
    """Return [H, W, 3] RGB as a frame; its time stamp is ``captured`` unless ``pts`` is given."""
    stamp = captured if pts is None else pts
    return Frame((rgb,), "rgb24", captured, stamp, time_base, seq, full_range=True)


def convert(frame: Frame, target: PixelFormat, *, full_range: bool = False) -> Frame:
    """Return the same picture in another layout; ``frame`` itself when nothing would change."""
    full = full_range or target == "rgb24"
    if (frame.format, frame.full_range) == (target, full):
        return frame
    if frame.format == "gray":  # which the reformatter always takes for full range
        frame = _coloured(frame, "yuv444p" if target == "rgb24" else target)
        return convert(frame, target, full_range=full)
    picture = _reformat(to_av(frame), target, full)
    planes = tuple(plane_rows(picture, i).copy() for i in range(len(picture.planes)))
    return replace(frame, planes=planes, format=target, full_range=full)


def scaled(frame: Frame, width: int, height: int) -> Frame:
    """Return ``frame`` as limited-range yuv420p of that size, its shape kept, black around it.

    The size must be even. A picture that fits exactly is only changed in layout.
    """
    if (frame.width, frame.height) == (width, height):
        return convert(frame, "yuv420p")
    ratio = min(width / frame.width, height / frame.height)
    fit_x, fit_y = (max(2, round(side * ratio / 2) * 2) for side in (frame.width, frame.height))
    inner = _reformat(to_av(frame), "yuv420p", False, (fit_x, fit_y))
    x, y = (width - fit_x) // 4 * 2, (height - fit_y) // 4 * 2
    planes: list[Pixels] = []
    for i, black in enumerate((16, 128, 128)):
        half = 1 if i == 0 else 2
        plane = np.full((height // half, width // half), black, np.uint8)
        plane[y // half : (y + fit_y) // half, x // half : (x + fit_x) // half] = plane_rows(
            inner, i
        )
        planes.append(plane)
    return replace(frame, planes=tuple(planes), format="yuv420p", full_range=False)


def is_full_range(frame: av.VideoFrame) -> bool:
    """Tell whether luma spans 0..255: said by its range, its old-style format, or being RGB."""
    name = frame.format.name
    return frame.color_range == ColorRange.JPEG or name.startswith("yuvj") or frame.format.is_rgb


def _coloured(frame: Frame, target: PixelFormat) -> Frame:
    """Return a gray frame with the chroma of gray."""
    sub_x, sub_y = SUBSAMPLING[target]
    shape = (-(-frame.height // sub_y), -(-frame.width // sub_x))
    chroma = np.full(shape, 128, np.uint8)
    return replace(frame, planes=(frame.planes[0], chroma, chroma), format=target)


def plane_rows(picture: av.VideoFrame, plane: int) -> Pixels:
    """View one plane of PyAV's without its padding: [H, W], or [H, W, 3] for rgb24."""
    part = picture.planes[plane]
    memory = cast("memoryview[int]", part)  # PyAV's stubs do not say that a plane is a buffer
    rows = np.frombuffer(memory, np.uint8).reshape(part.height, part.line_size)
    if picture.format.name == "rgb24":
        return rows[:, : part.width * 3].reshape(part.height, part.width, 3)
    return rows[:, : part.width]


def _reformat(
    picture: av.VideoFrame,
    target: PixelFormat,
    full_range: bool,
    size: tuple[int, int] | None = None,
) -> av.VideoFrame:
    """Change layout, range and size. A new reformatter each time: one is not safe on two threads.

    The plain interpolation takes swscale's short cuts, seven times as fast for 4:4:4; one thread,
    because starting more costs longer than they save.
    """
    source_range = ColorRange.JPEG if is_full_range(picture) else ColorRange.MPEG
    return VideoReformatter().reformat(
        picture,
        *(size or (picture.width, picture.height)),
        format=target,
        interpolation=Interpolation.FAST_BILINEAR if size is None else Interpolation.AREA,
        src_color_range=source_range,
        dst_color_range=ColorRange.JPEG if full_range else ColorRange.MPEG,
        threads=1,
    )

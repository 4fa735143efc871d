"""One pass from a camera's planes to a network's input."""

from __future__ import annotations

import numpy as np

from kernels.reference.colour import CAMERA, Colours
from kernels.reference.crop import Border, Norm, as_three, subsampling
from kernels.triton.dialect import BLOCK, grid, tl, torch, triton


def crop_rgb(
    planes: tuple[torch.Tensor, ...],
    transform: np.ndarray,
    size: tuple[int, int],
    *,
    mean: Norm = 0.0,
    scale: Norm = 1 / 255,
    colours: Colours = CAMERA,
    border: Border = "edge",
    out: torch.Tensor | None = None,
) -> torch.Tensor:
    """Do ``reference.crop_rgb`` on tensors of bytes; the transform stays on the host.

    Args:
        out: [h, w, 3] of float32 to write into; a view of a channel-first tensor will do.
    """
    width, height = size
    if out is None:
        out = torch.empty((height, width, 3), dtype=torch.float32, device=planes[0].device)
    if tuple(out.shape) != (height, width, 3):
        raise ValueError(f"out is {tuple(out.shape)}, not {(height, width, 3)}")
    three, change, dark = as_three(planes, colours)
    sx, sy = subsampling(three[1], three[0])
    bounds = (np.array([[0.0], [255.0]]) - mean) * np.broadcast_to(scale, 3)
    change = change * np.broadcast_to(scale, 3)[:, None]
    change[:, 3] += bounds[0]
    rows = np.concatenate([change, np.sort(bounds, axis=0).T], axis=1)
    way = np.asarray(transform, np.float64)
    if not np.isfinite(way).all():
        raise ValueError(f"transform {way.tolist()} does not lead into a frame")
    _crop[grid(width * height)](
        *three, tuple(p.stride() for p in three), tuple(three[0].shape), tuple(three[1].shape),
        tuple(way.ravel().tolist()), (1 / sx, 1 / sy), tuple(tuple(r) for r in rows.tolist()),
        tuple(float(d) for d in dark), out, out.stride(), width, width * height,
        EDGE=border == "edge", BLOCK=BLOCK,
    )  # fmt: skip
    return out


@triton.jit(do_not_specialize=["way", "half", "change", "dark", "width", "count"])
def _crop(
    first, second, third, strides, large, small, way, half, change, dark, out, to, width, count,
    EDGE: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < count
    across, down = (at % width).to(tl.float32), (at // width).to(tl.float32)
    x = way[0] * across + way[1] * down + way[2]
    y = way[3] * across + way[4] * down + way[5]
    i = _sample(first, strides[0], large, x, y, dark[0], inside, EDGE)
    x = (x + 0.5) * half[0] - 0.5
    y = (y + 0.5) * half[1] - 0.5
    j = _sample(second, strides[1], small, x, y, dark[1], inside, EDGE)
    k = _sample(third, strides[2], small, x, y, dark[2], inside, EDGE)
    place = out + (at // width) * to[0] + (at % width) * to[1]
    for c in tl.static_range(3):
        row = change[c]
        value = row[0] * i + row[1] * j + row[2] * k + row[3]
        tl.store(place + c * to[2], tl.minimum(tl.maximum(value, row[4]), row[5]), mask=inside)


@triton.jit
def _sample(plane, stride, size, x, y, dark, inside, EDGE: tl.constexpr):
    # Beyond two pixels outside all is alike, and whole numbers hold no more than 2 ** 31.
    x = tl.minimum(tl.maximum(x, -2.0), size[1] + 1.0)
    y = tl.minimum(tl.maximum(y, -2.0), size[0] + 1.0)
    left, top = tl.floor(x), tl.floor(y)
    ax, ay = x - left, y - top
    i, j = left.to(tl.int32), top.to(tl.int32)
    a = _at(plane, stride, size, i, j, dark, inside, EDGE)
    b = _at(plane, stride, size, i + 1, j, dark, inside, EDGE)
    c = _at(plane, stride, size, i, j + 1, dark, inside, EDGE)
    d = _at(plane, stride, size, i + 1, j + 1, dark, inside, EDGE)
    upper, lower = a + (b - a) * ax, c + (d - c) * ax
    return upper + (lower - upper) * ay


@triton.jit
def _at(plane, stride, size, x, y, dark, inside, EDGE: tl.constexpr):
    column = tl.minimum(tl.maximum(x, 0), size[1] - 1)
    row = tl.minimum(tl.maximum(y, 0), size[0] - 1)
    value = tl.load(plane + row * stride[0] + column * stride[1], mask=inside, other=0)
    value = value.to(tl.float32)
    if not EDGE:
        value = tl.where((column == x) & (row == y), value, dark)
    return value

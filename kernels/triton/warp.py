"""Moving pixels by a field of shifts."""

from __future__ import annotations

from kernels.triton.dialect import BLOCK, grid, rounded, tl, torch, triton


def warp(
    pixels: torch.Tensor, shift: torch.Tensor, *, sharp: bool, out: torch.Tensor | None = None
) -> torch.Tensor:
    """Do ``reference.warp``; ``out`` must not be ``pixels``, which others still read."""
    out = torch.empty_like(pixels) if out is None else out
    if out.shape != pixels.shape or tuple(shift.shape) != (2, *pixels.shape[:2]):
        raise ValueError(f"pixels {pixels.shape}, shift {shift.shape} and out {out.shape} differ")
    height, width = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    strides = tuple((*t.stride(), 0)[:3] for t in (pixels, out))
    _warp[grid(pixels.numel())](
        pixels, strides[0], shift, shift.stride(), out, strides[1], height, width, channels,
        pixels.numel(), SHARP=sharp, BLOCK=BLOCK,
    )  # fmt: skip
    return out


@triton.jit(do_not_specialize=["height", "width", "count"])
def _warp(
    pixels, of, shift, by, out, to, height, width, channels, count,
    SHARP: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < count
    c, column, row = at % channels, at // channels % width, at // channels // width
    field = shift + row * by[1] + column * by[2]
    x = column + tl.load(field, mask=inside, other=0.0)
    y = row + tl.load(field + by[0], mask=inside, other=0.0)
    x = tl.minimum(tl.maximum(x, -1.0), width * 1.0)
    y = tl.minimum(tl.maximum(y, -1.0), height * 1.0)
    left, top = tl.floor(x), tl.floor(y)
    s, t = x - left, y - top
    i, j = left.to(tl.int32), top.to(tl.int32)
    total = tl.zeros((BLOCK,), tl.float32)
    for dy in tl.static_range(-1, 3):
        for dx in tl.static_range(-1, 3):
            share = _share(dx, s, SHARP) * _share(dy, t, SHARP)
            u = tl.minimum(tl.maximum(i + dx, 0), width - 1)
            v = tl.minimum(tl.maximum(j + dy, 0), height - 1)
            place = pixels + v * of[0] + u * of[1] + c * of[2]
            total += share * tl.load(place, mask=inside, other=0).to(tl.float32)
    place = out + row * to[0] + column * to[1] + c * to[2]
    tl.store(place, rounded(total), mask=inside)


@triton.jit
def _share(neighbour: tl.constexpr, t, SHARP: tl.constexpr):
    """Return a neighbour's weight for a place ``t`` behind neighbour 0; cubic of slope -0.75."""
    if neighbour == -1:
        return -0.75 * t * (1 - t) * (1 - t) if SHARP else t * 0.0
    elif neighbour == 0:
        return 1 - t * t * (2.25 - 1.25 * t) if SHARP else 1 - t
    elif neighbour == 1:
        r = 1 - t
        return 1 - r * r * (2.25 - 1.25 * r) if SHARP else t
    else:
        return -0.75 * (1 - t) * t * t if SHARP else t * 0.0

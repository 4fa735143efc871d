"""Laying one picture over another without a seam: three small kernels, level by level."""

from __future__ import annotations

from kernels.triton.dialect import BLOCK, grid, rounded, tl, torch, triton


def blend(
    below: torch.Tensor, above: torch.Tensor, mask: torch.Tensor, levels: int
) -> torch.Tensor:
    """Do ``reference.blend``."""
    if below.shape != above.shape or mask.shape != below.shape[:2]:
        raise ValueError(f"below {below.shape}, above {above.shape}, mask {mask.shape} differ")
    shape = (*below.shape[:2], 1 if below.ndim == 2 else below.shape[2])
    low = below.reshape(shape)
    difference = (above.reshape(shape).float() - low.float()).contiguous()
    mixed = _blend(difference, mask.float().reshape(*mask.shape, 1).contiguous(), levels)
    out = torch.empty(shape, dtype=torch.uint8, device=below.device)
    _add[grid(out.numel())](low.contiguous(), mixed, out, out.numel(), BLOCK=BLOCK)
    return out.reshape(below.shape)


def _blend(difference: torch.Tensor, mask: torch.Tensor, levels: int) -> torch.Tensor:
    height, width = difference.shape[:2]
    if levels == 0 or max(height, width) == 1:
        return difference * mask
    coarse = _halved(difference)
    finer = torch.empty_like(difference)
    launch = grid(difference.numel())
    half, size = tuple(coarse.shape), difference.numel()
    _raise[launch](coarse, half, difference, mask, finer, width, size, FINER=True, BLOCK=BLOCK)
    mixed = _blend(coarse, _halved(mask), levels - 1)
    out = torch.empty_like(difference)
    _raise[launch](mixed, half, finer, mask, out, width, size, FINER=False, BLOCK=BLOCK)
    return out


def _halved(picture: torch.Tensor) -> torch.Tensor:
    height, width, channels = picture.shape
    shape = (-(-height // 2), -(-width // 2), channels)
    out = torch.empty(shape, dtype=torch.float32, device=picture.device)
    _halve[grid(out.numel())](
        picture, height, width, channels, out, shape[1], out.numel(), BLOCK=BLOCK
    )
    return out


@triton.jit(do_not_specialize=["height", "width", "half", "count"])
def _halve(picture, height, width, channels, out, half, count, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < count
    c, column, row = at % channels, at // channels % half, at // channels // half
    total = tl.zeros((BLOCK,), tl.float32)
    for j in range(5):  # not unrolled, or it takes seconds to compile
        y = _mirror(2 * row + j - 2, height)
        for i in tl.static_range(5):
            x = _mirror(2 * column + i - 2, width)
            place = picture + (y * width + x) * channels + c
            share = _binomial(i) * _binomial(j)
            total += share * tl.load(place, mask=inside, other=0.0)
    tl.store(out + at, total, mask=inside)


@triton.jit(do_not_specialize=["half", "width", "count"])
def _raise(coarse, half, fine, mask, out, width, count, FINER: tl.constexpr, BLOCK: tl.constexpr):
    """Leave what of ``fine`` is finer than ``coarse``, masked; or add ``coarse`` to it."""
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < count
    c, column, row = at % half[2], at // half[2] % width, at // half[2] // width
    total = tl.zeros((BLOCK,), tl.float32)
    for j in tl.static_range(3):
        y = _near(row // 2 + j - 1, half[0])
        for i in tl.static_range(3):
            x = _near(column // 2 + i - 1, half[1])
            place = coarse + (y * half[1] + x) * half[2] + c
            share = _raised(i, column % 2) * _raised(j, row % 2)
            total += share * tl.load(place, mask=inside, other=0.0)
    value = tl.load(fine + at, mask=inside, other=0.0)
    if FINER:
        value = (value - total) * tl.load(mask + at // half[2], mask=inside, other=0.0)
    else:
        value += total
    tl.store(out + at, value, mask=inside)


@triton.jit(do_not_specialize=["count"])
def _add(below, difference, out, count, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < count
    value = tl.load(below + at, mask=inside, other=0).to(tl.float32)
    value += tl.load(difference + at, mask=inside, other=0.0)
    tl.store(out + at, rounded(value), mask=inside)


@triton.jit
def _binomial(k):
    """Return 1 4 6 4 1 of 16."""
    away = tl.abs(k - 2)
    return (12 - 3 * away - away * away) / 32


@triton.jit
def _raised(k: tl.constexpr, odd):
    """Return a neighbour's share: 1 6 1 of 8 at even places, 0 4 4 at odd ones."""
    if k == 0:
        return tl.where(odd == 1, 0.0, 0.125)
    elif k == 1:
        return tl.where(odd == 1, 0.5, 0.75)
    else:
        return tl.where(odd == 1, 0.5, 0.125)


@triton.jit
def _mirror(at, size):
    around = tl.abs(at)
    around = tl.abs(tl.where(around >= size, 2 * size - 2 - around, around))
    return tl.minimum(around, size - 1)


@triton.jit
def _near(at, size):
    return tl.minimum(tl.abs(at), size - 1)

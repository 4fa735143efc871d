"""Light that changes, and lines that deepen."""

from __future__ import annotations

from kernels.reference.relight import TINT
from kernels.triton.dialect import BLOCK, grid, rounded, tl, torch, triton


def relight(
    pixels: torch.Tensor,
    soft: torch.Tensor,
    light: torch.Tensor,
    black: int,
    out: torch.Tensor | None = None,
) -> torch.Tensor:
    """Do ``reference.relight`` into ``out``, or in place."""
    out = pixels if out is None else out
    if not pixels.shape == soft.shape == out.shape or light.shape[1:] != pixels.shape[:2]:
        raise ValueError(f"pixels {pixels.shape}, soft {soft.shape} and light {light.shape} differ")
    width = pixels.shape[1]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    strides = tuple((*t.stride(), 0)[:3] for t in (pixels, soft, out))
    _relight[grid(pixels.numel())](
        pixels, soft, out, strides, light, light.stride(), float(black),
        TINT if channels == 3 else (1.0, 1.0, 1.0), width, channels, pixels.numel(), BLOCK=BLOCK,
    )  # fmt: skip
    return out


@triton.jit(do_not_specialize=["width", "count"])
def _relight(
    pixels, soft, out, strides, light, by, black, tint, width, channels, count,
    BLOCK: tl.constexpr,
):  # fmt: skip
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < count
    c, column, row = at % channels, at // channels % width, at // channels // width
    p = tl.load(_place(pixels, strides[0], row, column, c), mask=inside, other=0).to(tl.float32)
    q = tl.load(_place(soft, strides[1], row, column, c), mask=inside, other=0).to(tl.float32)
    field = light + row * by[1] + column * by[2]
    gain = tl.load(field, mask=inside, other=0.0)
    crisp = tl.load(field + by[0], mask=inside, other=0.0)
    shade = tl.where(c == 0, tint[0], tl.where(c == 1, tint[1], tint[2]))
    value = p + crisp * tl.minimum(0.0, p - q) + gain * shade * (p - black)
    tl.store(_place(out, strides[2], row, column, c), rounded(value), mask=inside)


@triton.jit
def _place(picture, stride, row, column, c):
    return picture + row * stride[0] + column * stride[1] + c * stride[2]

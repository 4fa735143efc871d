"""Colour that changes with the light."""

from __future__ import annotations

from kernels.triton.dialect import BLOCK, grid, rounded, tl, torch, triton


def flush(
    chroma: torch.Tensor, luma: torch.Tensor, gain: torch.Tensor, tone: float, black: int
) -> torch.Tensor:
    """Do ``reference.flush`` in place."""
    if not chroma.shape == luma.shape == gain.shape:
        raise ValueError(f"chroma {chroma.shape}, luma {luma.shape} and gain {gain.shape} differ")
    strides = tuple(t.stride() for t in (chroma, luma, gain))
    _flush[grid(chroma.numel())](
        chroma, luma, gain, strides, float(tone), float(black), chroma.shape[1], chroma.numel(),
        BLOCK=BLOCK,
    )  # fmt: skip
    return chroma


@triton.jit(do_not_specialize=["width", "count"])
def _flush(chroma, luma, gain, strides, tone, black, width, count, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < count
    row, column = at // width, at % width
    place = chroma + row * strides[0][0] + column * strides[0][1]
    c = tl.load(place, mask=inside, other=0).to(tl.float32)
    light = tl.load(luma + row * strides[1][0] + column * strides[1][1], mask=inside, other=0)
    more = tl.load(gain + row * strides[2][0] + column * strides[2][1], mask=inside, other=0.0)
    value = c + more * (c - 128.0 - tone * (light.to(tl.float32) - black))
    tl.store(place, rounded(value), mask=inside)

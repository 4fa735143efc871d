"""Colour that changes with the light."""

from __future__ import annotations

from kernels.reference.flush import GREY
from kernels.triton.dialect import BLOCK, grid, rounded, tl, torch, triton


def flush(
    chroma: torch.Tensor,
    luma: torch.Tensor,
    gain: torch.Tensor,
    tone: float,
    black: int,
    out: torch.Tensor | None = None,
) -> torch.Tensor:
    """Do ``reference.flush`` into ``out``, or in place."""
    out = chroma if out is None else out
    if not chroma.shape == luma.shape == gain.shape == out.shape:
        raise ValueError(f"chroma {chroma.shape}, luma {luma.shape} and gain {gain.shape} differ")
    strides = tuple(t.stride() for t in (chroma, luma, gain, out))
    _flush[grid(chroma.numel())](
        chroma, luma, gain, out, strides, float(tone), float(black), float(GREY), chroma.shape[1],
        chroma.numel(), BLOCK=BLOCK,
    )  # fmt: skip
    return out


@triton.jit(do_not_specialize=["width", "count"])
def _flush(
    chroma, luma, gain, out, strides, tone, black, grey, width, count, BLOCK: tl.constexpr
):  # fmt: skip
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < count
    row, column = at // width, at % width
    place = chroma + row * strides[0][0] + column * strides[0][1]
    c = tl.load(place, mask=inside, other=0).to(tl.float32)
    light = tl.load(luma + row * strides[1][0] + column * strides[1][1], mask=inside, other=0)
    more = tl.load(gain + row * strides[2][0] + column * strides[2][1], mask=inside, other=0.0)
    value = c + more * (c - grey - tone * (light.to(tl.float32) - black))
    tl.store(out + row * strides[3][0] + column * strides[3][1], rounded(value), mask=inside)

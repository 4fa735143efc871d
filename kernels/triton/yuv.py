"""From red, green and blue to luma and chroma, as encoders take them."""

from __future__ import annotations

from kernels.reference.colour import CAMERA, Colours
from kernels.reference.yuv import place, to_yuv_matrix
from kernels.triton.dialect import BLOCK, grid, rounded, tl, torch, triton

Planes = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def to_yuv420(
    rgb: torch.Tensor,
    colours: Colours = CAMERA,
    *,
    at: tuple[int, int] = (0, 0),
    out: Planes | None = None,
) -> Planes:
    """Do ``reference.to_yuv420``."""
    height, width = rgb.shape[:2]
    half = (-(-height // 2), -(-width // 2))
    if out is None:
        shapes = ((height, width), half, half)
        out = tuple(torch.empty(s, dtype=torch.uint8, device=rgb.device) for s in shapes)
    luma, u, v = place(out, at, rgb.shape)
    change = tuple(tuple(row) for row in to_yuv_matrix(colours).tolist())
    _to_yuv[grid(u.numel())](
        rgb, rgb.stride(), height, width, half[1], change, luma, luma.stride(), u, v, u.stride(),
        u.numel(), BLOCK=BLOCK,
    )  # fmt: skip
    return out


@triton.jit(do_not_specialize=["height", "width", "half", "count"])
def _to_yuv(
    rgb, of, height, width, half, change, luma, to, u, v, by, count, BLOCK: tl.constexpr
):  # fmt: skip
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < count
    top, left = at // half * 2, at % half * 2
    red = tl.zeros((BLOCK,), tl.float32)
    green = tl.zeros((BLOCK,), tl.float32)
    blue = tl.zeros((BLOCK,), tl.float32)
    for k in tl.static_range(4):
        y, x = top + k // 2, left + k % 2
        there = inside & (y < height) & (x < width)
        row, column = tl.minimum(y, height - 1), tl.minimum(x, width - 1)
        place = rgb + row * of[0] + column * of[1]
        r = tl.load(place, mask=inside, other=0).to(tl.float32)
        g = tl.load(place + of[2], mask=inside, other=0).to(tl.float32)
        b = tl.load(place + 2 * of[2], mask=inside, other=0).to(tl.float32)
        tl.store(luma + y * to[0] + x * to[1], rounded(_mix(r, g, b, change[0])), mask=there)
        red, green, blue = red + r / 4, green + g / 4, blue + b / 4
    place = (at // half) * by[0] + (at % half) * by[1]
    tl.store(u + place, rounded(_mix(red, green, blue, change[1])), mask=inside)
    tl.store(v + place, rounded(_mix(red, green, blue, change[2])), mask=inside)


@triton.jit
def _mix(r, g, b, by):
    return by[0] * r + by[1] * g + by[2] * b + by[3]

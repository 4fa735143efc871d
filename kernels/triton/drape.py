"""Drawings hung on a mesh, the layers of which are added up where they are looked at."""

from __future__ import annotations

from kernels.triton.dialect import BLOCK, grid, tl, torch, triton


def drape(
    texture: torch.Tensor,
    where: torch.Tensor,
    *,
    weights: torch.Tensor | None = None,
    out: torch.Tensor | None = None,
) -> torch.Tensor:
    """Do ``reference.drape`` of ``reference.combine``: no sum of layers is ever stored.

    Args:
        texture: [K, h, w] layers.
        where: [2, H, W]: column and row of the layers.
        weights: [C, K]: how much of each layer goes into each output; each its own, if none given.
        out: [C, H, W].
    """
    if weights is None:
        weights = torch.eye(texture.shape[0], device=texture.device)
    shape = (weights.shape[0], *where.shape[1:])
    if out is None:
        out = torch.empty(shape, dtype=torch.float32, device=texture.device)
    if tuple(out.shape) != shape or weights.shape[1] != texture.shape[0]:
        raise ValueError(f"out {tuple(out.shape)} and weights {tuple(weights.shape)} do not fit")
    _drape[grid(where[0].numel())](
        texture, texture.stride(), tuple(texture.shape), where, where.stride(),
        weights.contiguous(), out, out.stride(), shape[0], shape[2], where[0].numel(), BLOCK=BLOCK,
    )  # fmt: skip
    return out


@triton.jit(do_not_specialize=["width", "count"])
def _drape(
    texture, of, size, where, by, weights, out, to, channels, width, count, BLOCK: tl.constexpr
):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < count
    row, column = at // width, at % width
    place = where + row * by[1] + column * by[2]
    u = tl.load(place, mask=inside, other=0.0)
    v = tl.load(place + by[0], mask=inside, other=0.0)
    u = tl.minimum(tl.maximum(u, 0.0), size[2] - 1.0)
    v = tl.minimum(tl.maximum(v, 0.0), size[1] - 1.0)
    i, j = u.to(tl.int32), v.to(tl.int32)
    s, t = u - i, v - j
    right, low = tl.minimum(i + 1, size[2] - 1), tl.minimum(j + 1, size[1] - 1)
    for c in range(channels):
        total = tl.zeros((BLOCK,), tl.float32)
        for k in range(size[0]):
            weight = tl.load(weights + c * size[0] + k)
            layer = texture + k * of[0]
            a = tl.load(layer + j * of[1] + i * of[2], mask=inside, other=0.0)
            b = tl.load(layer + j * of[1] + right * of[2], mask=inside, other=0.0)
            d = tl.load(layer + low * of[1] + i * of[2], mask=inside, other=0.0)
            e = tl.load(layer + low * of[1] + right * of[2], mask=inside, other=0.0)
            upper, lower = a + (b - a) * s, d + (e - d) * s
            total += weight * (upper + (lower - upper) * t)
        tl.store(out + c * to[0] + row * to[1] + column * to[2], total, mask=inside)

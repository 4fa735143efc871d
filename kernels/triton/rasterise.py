"""A mesh's values spread between its points: each sample looks for the last triangle over it."""

from __future__ import annotations

from kernels.triton.dialect import BLOCK, grid, tl, torch, triton


def rasterise(
    vertices: torch.Tensor, triangles: torch.Tensor, values: torch.Tensor, out: torch.Tensor
) -> torch.Tensor:
    """Do ``reference.rasterise`` into ``out`` [C, H, W], which is overwritten."""
    channels, height, width = out.shape
    if values.shape != (vertices.shape[0], channels):
        raise ValueError(f"values {values.shape} for {vertices.shape} and out {out.shape}")
    _rasterise[grid(height * width)](
        vertices.contiguous(), triangles.contiguous(), values.contiguous(), out, out.stride(),
        triangles.shape[0], channels, width, height * width, BLOCK=BLOCK,
    )  # fmt: skip
    return out


@triton.jit(do_not_specialize=["faces", "width", "count"])
def _rasterise(
    vertices, triangles, values, out, to, faces, channels, width, count, BLOCK: tl.constexpr
):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < count
    x, y = (at % width).to(tl.float32), (at // width).to(tl.float32)
    face = tl.full((BLOCK,), -1, tl.int32)
    share_b = tl.zeros((BLOCK,), tl.float32)
    share_c = tl.zeros((BLOCK,), tl.float32)
    for t in range(faces):
        a = tl.load(triangles + 3 * t)
        b = tl.load(triangles + 3 * t + 1)
        c = tl.load(triangles + 3 * t + 2)
        ax, ay = tl.load(vertices + 2 * a), tl.load(vertices + 2 * a + 1)
        bx, by = tl.load(vertices + 2 * b) - ax, tl.load(vertices + 2 * b + 1) - ay
        cx, cy = tl.load(vertices + 2 * c) - ax, tl.load(vertices + 2 * c + 1) - ay
        area = bx * cy - cx * by
        flat = tl.abs(area) < 1e-9
        area = tl.where(flat, 1.0, area)
        wb = ((x - ax) * cy - cx * (y - ay)) / area
        wc = (bx * (y - ay) - (x - ax) * by) / area
        # A little over the edge, or rounding would leave gaps between neighbours.
        hit = (wb >= -1e-5) & (wc >= -1e-5) & (wb + wc <= 1.00001) & (flat == 0)
        face = tl.where(hit, t, face)
        share_b = tl.where(hit, wb, share_b)
        share_c = tl.where(hit, wc, share_c)
    found = inside & (face >= 0)
    a = tl.load(triangles + 3 * face, mask=found, other=0)
    b = tl.load(triangles + 3 * face + 1, mask=found, other=0)
    c = tl.load(triangles + 3 * face + 2, mask=found, other=0)
    place = out + (at // width) * to[1] + (at % width) * to[2]
    for k in range(channels):
        va = tl.load(values + a * channels + k, mask=found, other=0.0)
        vb = tl.load(values + b * channels + k, mask=found, other=0.0)
        vc = tl.load(values + c * channels + k, mask=found, other=0.0)
        value = va + share_b * (vb - va) + share_c * (vc - va)
        tl.store(place + k * to[0], tl.where(found, value, 0.0), mask=inside)

"""Triton and torch, imported here and nowhere else in the kernels, and what all of them share.

With ``TRITON_INTERPRET=1``, set before this is imported, the kernels run on the CPU, slowly.
"""

from __future__ import annotations

try:
    import torch
    import triton
    import triton.language as tl
except ImportError as exc:
    raise ImportError(f"the GPU kernels need Triton and torch: pip install triton ({exc})") from exc

__all__ = ["BLOCK", "grid", "rounded", "tl", "torch", "triton"]

BLOCK = 4096 if triton.knobs.runtime.interpret else 256
"""Samples that one program works on: two for each thread; an interpreter likes them many."""


def grid(count: int) -> tuple[int]:
    """Return how many programs cover ``count`` samples."""
    return (triton.cdiv(count, BLOCK),)


@triton.jit
def rounded(value):
    """Round half up and hold within a byte."""
    return tl.minimum(tl.maximum(value + 0.5, 0.0), 255.5).to(tl.int32).to(tl.uint8)

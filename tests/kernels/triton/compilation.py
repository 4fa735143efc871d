"""Compiles every kernel for a GPU that need not be there: ``python compilation.py 75`` for SM75.

An interpreter takes what the compiler does not. It writes the kernels' names, each in a line with
the size of its machine code.
"""

from __future__ import annotations

import sys
from typing import Any, cast

import numpy as np
import torch
from triton.backends.compiler import GPUTarget
from triton.runtime.driver import driver
from triton.runtime.jit import JITFunction

from kernels.reference import WAV2LIP
from kernels.triton import blend, crop, drape, flush, mel, rasterise, relight, warp, yuv


class NoDevice:
    """As much of a driver as compiling asks for."""

    def __init__(self, capability: int) -> None:
        self._target = GPUTarget("cuda", capability, 32)

    def get_current_target(self) -> Any:
        """Return what to compile for."""
        return self._target

    def get_current_device(self) -> int:
        """Return the one that there is none of."""
        return 0

    def get_current_stream(self, device: int = 0) -> int:
        """Return the same."""
        return device


def compile_only(self: Any, *args: Any, grid: Any, warmup: bool, **kwargs: Any) -> None:
    """Do all of a launch but the launch."""
    done = RUN(self, *args, grid=grid, warmup=True, **kwargs)
    sys.stdout.write(f"{self.fn.__name__} {len(done.asm['cubin'])}\n")


RUN = cast("Any", JITFunction).run


def main() -> None:
    """Call each operation once, in the variants that its kernel is compiled in."""
    driver.set_active(cast("Any", NoDevice(int(sys.argv[1]))))
    JITFunction.run = compile_only
    pixels, rgb, field = empty(64, 48), empty(64, 48, 3), torch.empty((2, 64, 48))
    way = np.eye(2, 3, dtype=np.float32)
    crop.crop_rgb((pixels, empty(32, 24), empty(32, 24)), way, (31, 18))
    crop.crop_rgb((rgb,), way, (31, 18), border="black")
    warp.warp(pixels, field, sharp=True)
    warp.warp(rgb, field, sharp=False)
    relight.relight(rgb, rgb, field, 16)
    flush.flush(pixels, pixels, field[0], 0.1, 16)
    triangles = torch.empty((6, 3), dtype=torch.int32)
    rasterise.rasterise(
        torch.empty((12, 2)), triangles, torch.empty((12, 4)), torch.empty((4, 9, 9))
    )
    drape.drape(torch.empty((5, 9, 9)), field)
    yuv.to_yuv420(rgb)
    blend.blend(rgb, rgb, torch.empty((64, 48)), 1)
    mel.mel(torch.empty(1500), WAV2LIP)


def empty(*shape: int) -> torch.Tensor:
    """Return some bytes."""
    return torch.empty(shape, dtype=torch.uint8)


if __name__ == "__main__":
    main()

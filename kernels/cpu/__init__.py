"""The operations of ``reference`` for the CPU, compiled by numba and cached on disk."""

from kernels.cpu.combine import combine
from kernels.cpu.crop import crop_rgb
from kernels.cpu.mesh import drape, rasterise
from kernels.cpu.relight import relight
from kernels.cpu.scratch import Scratch
from kernels.cpu.warp import warp

__all__ = ["Scratch", "combine", "crop_rgb", "drape", "rasterise", "relight", "warp"]

"""The operations of ``reference`` for the CPU, compiled by numba and cached on disk."""

from kernels.cpu.crop import crop_rgb
from kernels.cpu.mesh import rasterise, relight

__all__ = ["crop_rgb", "rasterise", "relight"]

"""The operations of ``reference`` for the CPU, compiled by numba and cached on disk."""

from kernels.cpu.blend import blend
from kernels.cpu.combine import combine
from kernels.cpu.crop import crop_rgb
from kernels.cpu.enlarge import enlarge
from kernels.cpu.flush import flush
from kernels.cpu.mel import MelRing
from kernels.cpu.mesh import drape, rasterise
from kernels.cpu.relight import relight
from kernels.cpu.scratch import Scratch
from kernels.cpu.warp import warp
from kernels.cpu.yuv import to_yuv420

__all__ = [
    "MelRing",
    "Scratch",
    "blend",
    "combine",
    "crop_rgb",
    "drape",
    "enlarge",
    "flush",
    "rasterise",
    "relight",
    "to_yuv420",
    "warp",
]

"""The meaning of each operation, in plain numpy. Slow and obvious; the tests compare with it."""

from kernels.reference.colour import CAMERA, MATRICES, Colours, Matrix
from kernels.reference.combine import combine
from kernels.reference.crop import Border, crop_rgb
from kernels.reference.mesh import drape, rasterise
from kernels.reference.relight import TINT, relight
from kernels.reference.warp import warp

__all__ = [
    "CAMERA",
    "MATRICES",
    "TINT",
    "Border",
    "Colours",
    "Matrix",
    "combine",
    "crop_rgb",
    "drape",
    "rasterise",
    "relight",
    "warp",
]

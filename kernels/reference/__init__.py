"""The meaning of each operation, in plain numpy. Slow and obvious; the tests compare with it."""

from kernels.reference.colour import CAMERA, MATRICES, Colours, Matrix
from kernels.reference.crop import Border, crop_rgb
from kernels.reference.mesh import TINT, rasterise, relight

__all__ = [
    "CAMERA",
    "MATRICES",
    "TINT",
    "Border",
    "Colours",
    "Matrix",
    "crop_rgb",
    "rasterise",
    "relight",
]

"""The meaning of each operation, in plain numpy. Slow and obvious; the tests compare with it."""

from kernels.reference.blend import blend
from kernels.reference.colour import CAMERA, MATRICES, Colours, Matrix
from kernels.reference.combine import combine
from kernels.reference.crop import Border, crop_rgb
from kernels.reference.enlarge import enlarge
from kernels.reference.flush import GREY, TONE, flush
from kernels.reference.mel import LOG_MEL_64, LOG_MEL_80, LOG_MEL_128, WAV2LIP, MelSpec, mel
from kernels.reference.mesh import drape, rasterise
from kernels.reference.relight import TINT, relight
from kernels.reference.warp import warp
from kernels.reference.yuv import to_yuv420

__all__ = [
    "CAMERA",
    "GREY",
    "LOG_MEL_64",
    "LOG_MEL_80",
    "LOG_MEL_128",
    "MATRICES",
    "TINT",
    "TONE",
    "WAV2LIP",
    "Border",
    "Colours",
    "Matrix",
    "MelSpec",
    "blend",
    "combine",
    "crop_rgb",
    "drape",
    "enlarge",
    "flush",
    "mel",
    "rasterise",
    "relight",
    "to_yuv420",
    "warp",
]

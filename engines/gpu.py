"""Which NVIDIA GPU there is, asked of its driver; without one, or off NVIDIA, there is none."""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass

_MAJOR, _MINOR = 75, 76
"""CUDA's numbers of the two halves of a compute capability."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """The first GPU.

    Attributes:
        name: as its maker calls it.
        capability: what it can compute, as in ``SM89``.
        driver: the newest CUDA that its driver knows, as in ``13.0``.
    """

    name: str
    capability: str
    driver: str


def find() -> Gpu | None:
    """Return the first NVIDIA GPU that can be used."""
    try:
        cuda = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return None
    version, count = ctypes.c_int(), ctypes.c_int()
    asked = (
        cuda.cuInit(0)
        or cuda.cuDriverGetVersion(ctypes.byref(version))
        or cuda.cuDeviceGetCount(ctypes.byref(count))
    )
    if asked != 0 or count.value < 1:
        return None
    name = ctypes.create_string_buffer(128)
    cuda.cuDeviceGetName(name, len(name), 0)
    major, minor = (_attribute(cuda, number) for number in (_MAJOR, _MINOR))
    driver = f"{version.value // 1000}.{version.value % 1000 // 10}"
    return Gpu(name.value.decode(errors="replace"), f"SM{major}{minor}", driver)


def _attribute(cuda: ctypes.CDLL, number: int) -> int:
    value = ctypes.c_int()
    cuda.cuDeviceGetAttribute(ctypes.byref(value), number, 0)
    return value.value

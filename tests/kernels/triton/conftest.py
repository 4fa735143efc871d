"""Where Triton's kernels run: compiled on a GPU where there is one, else interpreted on the CPU."""

from __future__ import annotations

import importlib.metadata
import os
import shutil

import pytest


def has_gpu() -> bool:
    """Tell whether there is a GPU, and a torch that knows of GPUs; without importing it."""
    try:
        build = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return False
    return shutil.which("nvidia-smi") is not None and not build.endswith("+cpu")


COMPILED = has_gpu()

if not COMPILED:  # read when a kernel is defined: before anything imports one
    os.environ["TRITON_INTERPRET"] = "1"


@pytest.fixture(scope="session")
def device() -> str:
    torch = pytest.importorskip("torch", reason="the GPU kernels need torch")
    pytest.importorskip("triton", reason="the GPU kernels need Triton, which is for Linux")
    if not COMPILED:
        return "cpu"
    if not torch.cuda.is_available():
        pytest.skip("nvidia-smi is there, but torch finds no CUDA device")
    return "cuda"

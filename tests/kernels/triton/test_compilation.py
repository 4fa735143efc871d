"""Triton turns each kernel into a GPU's machine code; no GPU is needed for that."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
KERNELS = {
    "_crop", "_warp", "_relight", "_rasterise", "_drape", "_to_yuv", "_halve", "_raise", "_add",
    "_mel", "_flush",
}  # fmt: skip


@pytest.mark.timeout(600)  # seven seconds, if the machine does nothing else
@pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="needs Triton")
def test_every_kernel_compiles_for_the_oldest_of_the_cards(tmp_path: Path):
    env = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET"}
    env |= {"TRITON_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(HERE.parents[2])}
    done = subprocess.run(
        [sys.executable, str(HERE / "compilation.py"), "75"],
        env=env, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    sizes = dict(line.split() for line in done.stdout.splitlines())
    assert sizes.keys() == KERNELS
    assert all(int(size) > 1000 for size in sizes.values())

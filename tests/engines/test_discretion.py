"""Using visavis tells nobody: what a library would report is kept from it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "use",
    [
        "from engines.engine import load_backend; load_backend('openvino')",
        "from realtime.health import PARTS, parts\n"
        "parts([part for part in PARTS if part.module == 'openvino'])",
    ],
)
def test_openvino_is_used_without_a_word_to_its_maker(use: str, tmp_path: Path):
    code = (
        f"{use}\n"
        "import sys, threading\n"
        "print('openvino' in sys.modules, sys.modules['openvino_telemetry'])\n"
        "print(threading.active_count())\n"
    )
    at_home = {**os.environ, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={name: value for name, value in at_home.items() if name != "CI"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split("\n")[:2] == ["True None", "1"]
    assert not (tmp_path / "intel").exists()

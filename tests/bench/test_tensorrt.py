"""The measurement builds engines, inspects them, and finds fault where there is one."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bench.tensorrt import fault, run
from engines import gpu
from engines.backends import tensorrt
from engines.inspection import Inspection, Kernel, Port
from engines.spec import Spec, Tensor

SPEC = Spec("toy", (Tensor("x", (1, 2), "uint8"),), (Tensor("y", (3,)),))
X, Y = Port("x", "uint8", (1, 2)), Port("y", "float", (3,))


def engine(inputs: Port = X, writes: str = "half") -> Inspection:
    kernel = Kernel("k", "correlation", (), (), (Port("a", writes, (1,)),))
    return Inspection((inputs,), (Y,), (kernel,))


def test_what_an_engine_does_otherwise_than_asked_is_told():
    assert fault(SPEC, "fp16", engine()) is None
    assert fault(SPEC, "fp32", engine(writes="float")) is None
    said = fault(SPEC, "fp16", engine(inputs=Port("x", "float", (1, 2))))
    assert said is not None
    assert "'float'" in said
    assert fault(SPEC, "fp16", engine(writes="float")) == "convolutions write float instead of half"


@pytest.mark.skipif(gpu.find() is not None, reason="there is a GPU here")
def test_engines_are_built_and_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    pytest.importorskip("tensorrt_rtx", reason="pip install tensorrt-rtx-cu13")
    out = tmp_path / "t.json"
    words = ["--network", "face_detector", "--gpu", "SM75", "SM120", "--json", str(out)]
    assert run(words) == 0
    said = capsys.readouterr().out
    assert "no NVIDIA GPU here" in said
    assert "4 of 4 are as they should be" in said
    rows = json.loads(out.read_text(encoding="utf-8"))["rows"]
    assert [row["name"].partition(" | ")[2] for row in rows] == [
        "fp32 | SM75",
        "fp32 | SM120",
        "fp16 | SM75",
        "fp16 | SM120",
    ]
    assert all(row["inputs"] == "image uint8 [1, 128, 128, 3]" for row in rows)


def test_without_tensorrt_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    for module in (tensorrt.RTX, tensorrt.FULL):
        monkeypatch.setitem(sys.modules, module, None)
    assert run(["--network", "face_detector"]) == 0
    assert "pip install tensorrt-rtx-cu13" in capsys.readouterr().out

"""``visavis engines`` says what runs where, builds, checks and clears."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines.cache import Cache
from engines.networks import known
from realtime.__main__ import main
from realtime.commands.errors import Exit


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VISAVIS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def run(*words: str) -> int:
    return main(["engines", *words])


def test_the_list_tells_for_each_network_who_runs_it_and_why_nobody_quicker(
    capsys: pytest.CaptureFixture[str],
):
    assert run("list") == 0
    said = capsys.readouterr().out
    for name in ("face_detector", "face_mesh", "face_mesh_attention"):
        assert f"{name}: " in said
    assert "not on tensorrt: " in said or "on NVIDIA" in said
    assert "3 files" in said
    assert "dialect native" in said
    assert "torch" not in said  # which nobody asked for


def test_what_was_built_is_listed_and_cleared(capsys: pytest.CaptureFixture[str], folder: Path):
    assert run("build", "--backend", "onnxruntime") == 0
    assert "onnxruntime: onnxruntime 1." in capsys.readouterr().out
    assert len(Cache(folder).entries()) == 3
    assert run("clear") == 0
    assert "3 files deleted" in capsys.readouterr().out
    assert Cache(folder).entries() == []


def test_engines_for_another_gpu_are_built_here(capsys: pytest.CaptureFixture[str], folder: Path):
    pytest.importorskip("tensorrt_rtx", reason="pip install tensorrt-rtx-cu13")
    assert run("build", "--gpu", "SM89", "--precision", "fp16") == 0
    assert capsys.readouterr().out.count("fp16-SM89") == len(known(Cache(folder)))
    assert run("clear", "--backend", "tensorrt") == 0
    assert f"{len(known(Cache(folder)))} files deleted" in capsys.readouterr().out
    # The networks that they were built from, each in 16 bits.
    assert len(Cache(folder).entries()) == len(known(Cache(folder)))


def test_numbers_are_compared_and_a_spoilt_file_is_told(
    capsys: pytest.CaptureFixture[str], folder: Path
):
    assert run("verify", "--backend", "openvino") == 0
    agree = capsys.readouterr().out.count("on openvino: agrees within")
    assert agree == len(known(Cache(folder)))
    spoilt = next(entry.path for entry in Cache(folder).entries())
    spoilt.write_bytes(spoilt.read_bytes()[:100])
    assert run("verify", "--backend", "openvino") == Exit.UNEXPECTED
    assert f"{spoilt.name}: it was cut short" in capsys.readouterr().out
    assert run("verify", "--backend", "openvino") == 0  # it was made anew


def test_a_gpu_that_nothing_builds_for_is_wrong_usage(capsys: pytest.CaptureFixture[str]):
    assert run("build", "--gpu", "SM90") == Exit.USAGE
    assert "SM89" in capsys.readouterr().err

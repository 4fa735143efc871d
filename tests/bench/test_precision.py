"""What is quantised is quantised, stays near the whole numbers, and a missing data set is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

import bench.precision
from bench.precision import SPEC, crops, int8, run
from engines.cache import Cache
from engines.engine import File, open_engine
from engines.landmarks.weights import FromWheel


def test_convolutions_are_quantised_but_for_those_that_place_points(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("VISAVIS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(bench.precision, "CALIBRATION", 4)
    weights = FromWheel(SPEC.name, Cache())
    path = int8(weights, tmp_path)
    graph = onnx.load(str(path)).graph
    source = {output: node.op_type for node in graph.node for output in node.output}
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    whole = [n for n in convolutions if source.get(n.input[0]) != "DequantizeLinear"]
    assert len(convolutions) > 60
    assert len(whole) == 7  # the points, the presence, and five closer looks
    picture = {"image": crops()[-1]}
    exact, rough = (
        open_engine(SPEC, found, ["openvino"]).engine(picture)["points"][0]
        for found in (weights, File(path))
    )
    eyes = float(np.linalg.norm(exact[33, :2] - exact[263, :2]))
    apart = float(np.linalg.norm(rough[:, :2] - exact[:, :2], axis=1).mean()) / eyes
    assert 1e-4 < apart < 0.02


def test_without_clips_it_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("VISAVIS_DATA", str(tmp_path))
    assert run([]) == 0
    assert "skipped" in capsys.readouterr().out

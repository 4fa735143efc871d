"""The latency measurement measures what it says, on a face that moves and is found."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench.portrait import moving
from realtime.__main__ import main


def test_the_portrait_moves_without_a_jump_and_the_same_way_each_time():
    frames = moving(320, 240, 60)
    assert [frame.pts for frame in frames] == list(range(60))
    luma = np.stack([frame.planes[0] for frame in frames]).astype(np.float32)
    closed = np.concatenate([luma, luma[:1]])
    steps = np.abs(np.diff(closed, axis=0)).mean(axis=(1, 2))
    assert steps.min() > 0.5
    assert steps.max() < 4 * steps.min()
    again = moving(320, 240, 60)
    assert all(np.array_equal(a.planes[1], b.planes[1]) for a, b in zip(frames, again, strict=True))


def test_latency_reports_the_filter_its_stages_and_the_baseline(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "r.json"
    words = ["bench", "latency", "--sizes", "320x240", "--frames", "2", "--json", str(path)]
    assert main(words) == 0
    rows = {row["name"]: row for row in json.loads(path.read_text(encoding="utf-8"))["rows"]}
    for finder in ("engine", "mediapipe"):
        whole = rows[f"filter 320x240, {finder}"]
        assert whole["count"] == 16
        assert whole["with_face"] == 1.0
        assert 0 < whole["p50_ms"] <= whole["p95_ms"] <= whole["p99_ms"]
        start = f"filter 320x240, {finder}: "
        stages = [row for name, row in rows.items() if name.startswith(start)]
        assert len(stages) >= 3
        assert max(stage["p50_ms"] for stage in stages) < whole["p50_ms"]
    assert "face mesh alone 320x240" in rows
    assert "filter 320x240, engine" in capsys.readouterr().out


def test_an_unknown_measurement_is_wrong_usage(capsys: pytest.CaptureFixture[str]):
    assert main(["bench", "speed"]) == 2
    assert "speed" in capsys.readouterr().err

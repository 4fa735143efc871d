"""Our landmarks are MediaPipe's, on real faces too; and the measurement measures what it says."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from bench.landmarks import MEAN_BAR, P99_BAR, apart, compare, run, verdict
from bench.quality.clips import decode
from bench.quality.data import DataMissing, find
from bench.report import Row
from engines.landmarks.follow import open_tracker

CLIPS = (
    ("may_5s_512.mp4", "onnxruntime"),
    ("vox_dagan_driving.mp4", "openvino"),
    ("videoretalking_5.mp4", "onnxruntime"),
)
"""A lectern, turns of the head, and glasses."""


@pytest.mark.data
@pytest.mark.parametrize(("name", "backend"), CLIPS)
def test_parity_on_real_faces(name: str, backend: str):
    try:
        path = find("faces", "clips", name)
    except DataMissing as error:
        pytest.skip(str(error))
    tracker, _ = open_tracker([backend])
    seen = compare(tracker, list(islice(decode(path), 30)))
    distances = np.concatenate(seen.apart)
    assert distances.mean() < MEAN_BAR
    assert np.quantile(distances, 0.99) < P99_BAR
    assert (seen.only_we, seen.only_they) == (0, 0)


def test_distances_are_shares_of_that_between_the_eyes():
    theirs = np.zeros((478, 3), np.float32)
    theirs[263, 0] = 200
    ours = theirs + np.array([3, 4, 99], np.float32)
    np.testing.assert_allclose(apart(ours, theirs), 2.5)


def test_the_verdict_names_the_worst_clip_and_the_share_of_the_time():
    def row(name: str, mean: float, share: float) -> Row:
        extra = {"mean_percent": mean, "p99_percent": 1.0, "share_of_mediapipe": share}
        return Row(name, 1.0, 1.0, 1.0, extra)

    said = verdict([row("a | x", 0.1, 0.5), row("b | x", 0.4, 0.9), row("all clips | x", 0.2, 0.7)])
    assert "mean 0.400 %" in said
    assert "0.70 of MediaPipe's time" in said


def test_without_clips_it_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("VISAVIS_DATA", str(tmp_path))
    assert run(["--json", str(tmp_path / "r.json")]) == 0
    assert "skipped" in capsys.readouterr().out
    assert not (tmp_path / "r.json").exists()


@pytest.mark.data
def test_it_measures_a_clip_beside_mediapipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    try:
        find("faces", "clips", CLIPS[0][0])
    except DataMissing as error:
        pytest.skip(str(error))
    out = tmp_path / "r.json"
    words = [
        "--clips",
        CLIPS[0][0],
        "--frames",
        "16",
        "--backend",
        "onnxruntime",
        "--json",
        str(out),
    ]
    assert run(words) == 0
    rows = json.loads(out.read_text(encoding="utf-8"))["rows"]
    assert [row["name"].partition(" |")[0] for row in rows] == ["may_5s_512", "all clips"]
    assert rows[0]["count"] == 16
    assert rows[0]["mediapipe_p50_ms"] > 0
    assert "of MediaPipe's time" in capsys.readouterr().out

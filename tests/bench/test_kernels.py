"""Every operation meets its baselines in one run, and what each of them gives is compared."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.kernels.command import contests, verdict
from bench.kernels.contest import FEW, OURS, REFERENCE, SLOW_NS, Contest, held
from bench.report import Row
from realtime.__main__ import main


def given(value: float, wait_ns: int = 0) -> Any:
    def work(n: int) -> Any:
        end = time.perf_counter_ns() + wait_ns
        while time.perf_counter_ns() < end:
            pass
        return np.full(4, value, np.float32), np.zeros(4, np.float32)

    return work


def test_rows_tell_how_long_each_takes_and_how_far_off_it_is():
    ways = {OURS: given(1.0), "another": given(1.5, 2_000_000), REFERENCE: given(1.0)}
    ours, another, plain = held(Contest("it", ways, levels=255), 7)
    assert (ours.name, another.name) == ("it | ours", "it | another")
    assert ours.extra["count"] == another.extra["count"] == 7
    assert (another.p50_ms or 0) >= 2
    assert float(str(another.extra["share"])) < 0.5
    assert another.extra["most_off"] == 127.5
    assert another.extra["off"] == 63.75
    assert ours.extra["most_off"] == plain.extra["most_off"] == 0


def test_what_is_slow_is_run_a_few_times_only():
    ways = {OURS: given(0.0), REFERENCE: given(0.0, SLOW_NS + 1_000_000)}
    ours, plain = held(Contest("it", ways), 50)
    assert (ours.extra["count"], plain.extra["count"]) == (50, FEW)


def test_the_verdict_compares_with_the_quickest_of_the_others_and_not_with_the_reference():
    def row(who: str, ms: float) -> Row:
        return Row(f"crop | {who}", ms, ms, ms)

    said = verdict([row(OURS, 0.5), row("slow", 4.0), row("quick", 1.0), row(REFERENCE, 0.1)])
    assert said == "crop: 0.50 of the time of quick"


def test_every_operation_does_what_its_baselines_do():
    """A baseline that did something else would make a fine figure of nothing."""
    loose = {"crop": 2.5, "RGB": 0.5, "warp": 0.5, "blend": 4.0}
    names: set[str] = set()
    for contest in contests([(320, 240)]):
        names.add(contest.name.partition(" ")[0])
        if contest.name.startswith("rasterise"):
            continue  # the reference takes seconds; tests/kernels/test_mesh.py compares
        for row in held(contest, 1):
            most = next((v for k, v in loose.items() if row.name.startswith(k)), 0.01)
            assert float(str(row.extra["off"])) < (0.01 if row.name.endswith(OURS) else most), row
    assert names == {
        "crop", "RGB", "warp", "light", "blend", "rasterise", "add", "hang", "enlarge", "Wav2Lip",
        "log-mel", "colour",
    }  # fmt: skip


def test_the_command_writes_rows_and_the_machine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "k.json"
    words = ["bench", "kernels", "--quick", "--count", "3", "--only", "crop", "--json", str(path)]
    assert main(words) == 0
    report = json.loads(path.read_text(encoding="utf-8"))
    rows = {row["name"].partition(" | ")[2]: row for row in report["rows"]}
    assert OURS in rows
    assert REFERENCE in rows
    assert sum(name.startswith(("OpenCV", "PyAV")) for name in rows) == 3
    assert rows[OURS]["most_off"] < 0.01 < rows["OpenCV: all RGB, then the crop"]["most_off"]
    assert 0 < rows[OURS]["p50_ms"] <= rows[OURS]["p95_ms"] <= rows[OURS]["p99_ms"]
    assert report["machine"]["packages"].keys() >= {"numba", "opencv-contrib-python", "av", "numpy"}
    assert report["machine"]["commit"]
    assert "crop 192x192 of 640x480: " in capsys.readouterr().out

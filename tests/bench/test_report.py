"""Figures on their way into a file and a terminal."""

import json
from pathlib import Path

import pytest

from bench.report import Row, percentile, table, write_json


def test_the_file_has_the_promised_shape(tmp_path: Path):
    rows = [
        Row("filter 640x480", 5.12345, 7.0, 9.0, {"fps": 30.5, "faces": 1}),
        Row("judged", extra={"won": 0.88}),
    ]
    write_json(rows, tmp_path / "r.json")
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert report["rows"] == [
        {
            "name": "filter 640x480",
            "p50_ms": 5.123,
            "p95_ms": 7.0,
            "p99_ms": 9.0,
            "fps": 30.5,
            "faces": 1,
        },
        {"name": "judged", "won": 0.88},
    ]
    assert report["machine"]["cores"] >= 1
    assert report["machine"]["packages"]["mediapipe"] == "0.10.21"
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


def test_percentiles_are_measured_values():
    values = list(range(100, 0, -1))
    assert [percentile(values, q) for q in (0.5, 0.95, 0.99)] == [50, 95, 99]
    assert percentile([7], 0.99) == 7
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_a_row_of_durations_is_in_milliseconds():
    row = Row.of("x", [2_000_000] * 9 + [30_000_000], stalls=1)
    assert (row.p50_ms, row.p95_ms) == (2.0, 30.0)
    assert row.extra == {"count": 10, "stalls": 1}


def test_the_table_lines_up():
    first, *rest = table([Row("short", 1, 2, 3), Row("a longer name", 10, 20, 30)]).splitlines()
    assert {line.index(".") for line in rest} == {first.index("p50 ms") + 3}

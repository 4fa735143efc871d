"""The load is a call like any other, and what is said of it is what came back."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import av
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext

from bench.call import counter
from bench.chart import lines
from bench.report import Row
from bench.sessions.caller import Noted
from bench.sessions.command import call_row, chart, held, markdown, verdict
from bench.sessions.film import KEY_EVERY, Codec, encode
from realtime.__main__ import main
from realtime.picture import plane_rows


@pytest.mark.parametrize(("codec", "decoder"), [("H264", "h264"), ("VP8", "vp8")])
def test_the_film_can_be_decoded_from_each_key_frame_and_counts(codec: Codec, decoder: str):
    film = encode(codec, 320, 240, KEY_EVERY + 3)
    assert len(film.pictures) == len(film.corners) == KEY_EVERY + 3
    coder = av.CodecContext.create(decoder, "r")
    assert isinstance(coder, VideoCodecContext)
    pictures = [p for packet in film.pictures[KEY_EVERY:] for p in coder.decode(av.Packet(packet))]
    seen = [counter.read(plane_rows(picture, 0)) for picture in pictures]
    assert seen == [KEY_EVERY, KEY_EVERY + 1, KEY_EVERY + 2]
    assert 190 <= len(film.sounds) <= 200, "four seconds in packets of 20 ms"


def noted(*, lost: tuple[int, ...] = (), age: float = 50.0) -> Noted:
    """Three seconds of a call."""
    sent = [(1000 / 30 * i, i) for i in range(90)]
    back = [(at + age, number) for at, number in sent if number not in lost]
    return Noted(sent, back, [0.1] * 90, 60.0, 150, {})


def test_a_call_without_a_drop_is_held_and_one_with_a_drop_is_not():
    whole, torn = call_row("a", noted()), call_row("b", noted(lost=(40, 41)))
    assert (whole.p50_ms, whole.extra["dropped"]) == (pytest.approx(50), 0)
    assert whole.extra["fps"] == pytest.approx(30)
    assert (torn.extra["dropped"], torn.extra["dropped_share"]) == (2, round(2 / 90, 4))
    dead = call_row("c", Noted(noted().sent, [], [], None, 0, {}))
    assert (dead.p50_ms, dead.extra["dropped"], dead.extra["fps"]) == (None, 90, 0)


def summary(calls: int, *, dropped: int = 0, fps: float = 30.0) -> Row:
    extra = {
        "fps_lowest": fps, "dropped": dropped, "memory_mb": 300 + 60 * calls,
        "server_cores": 0.3 * calls, "load_cores": 0.1,
    }  # fmt: skip
    return Row(f"sessions {calls}", 40.0 + calls, 50.0 * calls, 60.0 * calls, extra)


def test_the_verdict_names_the_most_calls_that_were_held():
    curve = [summary(1), summary(2), summary(3, dropped=1), summary(4, fps=25.0)]
    assert [held(row) for row in curve] == [True, True, False, False]
    assert verdict(curve) == "2 held without a drop, of up to 4 tried"
    table = markdown(curve).splitlines()
    assert len(table) == 6
    assert "| 3 | 30.0 | 1 | 43 / 150 / 180 ms | 480 MB |" in table[4]


def test_the_chart_rises_with_its_values():
    drawing = ElementTree.fromstring(chart([summary(n) for n in range(1, 7)]))
    paths = [e.attrib["points"] for e in drawing if e.tag.endswith("polyline")]
    p95 = np.array([[float(v) for v in point.split(",")] for point in paths[0].split()])
    assert (np.diff(p95[:, 0]) > 0).all(), "to the right"
    assert (np.diff(p95[:, 1]) < 0).all(), "and up"
    assert p95[:, 1].min() > 30, "below the title"


def test_a_chart_of_small_values_has_a_grid():
    drawing = lines("small", "n", "ms", [1, 2], {"a": [0.01, 0.034]})
    assert ">0.01<" in drawing


def test_a_real_server_is_called_and_measured(tmp_path: Path):
    path = tmp_path / "sessions.json"
    words = ["bench", "sessions", "--calls", "1", "--seconds", "2", "--starts", "0"]
    assert main([*words, "--settle", "0.5", "--json", str(path)]) == 0
    rows = {row["name"]: row for row in json.loads(path.read_text(encoding="utf-8"))["rows"]}
    assert rows["sessions 1: call 1"]["count"] > 5
    assert 0 < rows["sessions 1"]["p50_ms"] < 4000
    assert rows["sessions 1"]["memory_mb"] > 100
    assert rows["sessions 1"]["server_cores"] > 0
    assert rows["sessions 1"]["swapped"] == 0
    assert path.with_suffix(".md").read_text(encoding="utf-8").startswith("| calls |")
    ElementTree.parse(path.with_suffix(".svg"))

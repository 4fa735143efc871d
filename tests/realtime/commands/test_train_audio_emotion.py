"""``visavis train audio-emotion`` and ``visavis evaluate``, from recordings to figures."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
import pytest

from engines.audio_emotion.estimate import RATE, Floats
from realtime.__main__ import main
from realtime.commands.errors import Exit
from tests.engines.audio_emotion.voices import voice

KINDS = {"happy": (230.0, 5.0), "sad": (100.0, 2.5)}


def save(path: Path, sound: Floats) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((sound * 32767).astype("<i2").tobytes())


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of four people who are high and quick when happy, low and slow when sad."""
    folder = tmp_path_factory.mktemp("data")
    lines = ["file,speaker,emotion"]
    for person in range(4):
        for emotion, (pitch, pace) in KINDS.items():
            for take in range(2):
                name = f"{person}-{emotion}-{take}.wav"
                save(folder / name, voice(1.5, pitch + 6 * person, pace, seed=8 * person + take))
                lines.append(f"{name},p{person},{emotion}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def course(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("course")
    words = ["train", "audio-emotion", "--data", str(data), "--out", str(out), "--folds", "2"]
    words += ["--steps", "40", "8", "--versions", "1", "--threads", "1", "--workers", "1"]
    assert main(words) == Exit.FINE
    return out


def test_a_course_leaves_networks_figures_and_plots(course: Path):
    report = json.loads((course / "report.json").read_text())
    assert report["ours"]["csv"]["clean"]["count"] == 16
    assert (course / "audio_emotion.onnx").stat().st_size < 4 * 2**20
    assert (course / "ours-csv.png").exists()
    dealt = json.loads((course / "folds.json").read_text())
    assert sorted(dealt.values()) == [0, 0, 1, 1]


def test_what_was_taught_is_heard_in_people_it_was_not_taught(
    data: Path, course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    labels, told, plot = data / "labels.csv", tmp_path / "r.json", tmp_path / "p.png"
    words = ["evaluate", "audio-emotion", "--labels", str(labels), "--course", str(course)]
    assert main([*words, "--json", str(told), "--plot", str(plot)]) == Exit.FINE
    figures = json.loads(told.read_text())
    assert figures["uar"] >= 0.75
    assert figures["whole"]["recall"].keys() == {"happy", "sad"}
    assert np.sum(figures["whole"]["confusion"]) == 16
    assert figures["stream_agrees"] >= 0.75
    assert figures["first_estimate_s"]["worst"] <= 1.0
    said = capsys.readouterr().out
    assert f"unweighted average recall {figures['uar']:.3f} of 16" in said
    assert "calibration error" in said
    assert plot.exists()


@pytest.mark.parametrize("condition", ["telephone", "noise"])
def test_it_can_be_heard_otherwise(
    data: Path, course: Path, capsys: pytest.CaptureFixture[str], condition: str
):
    words = ["evaluate", "audio-emotion", "--labels", str(data / "labels.csv")]
    words += ["--weights", str(course / "audio_emotion.onnx"), "--heard-as", condition]
    assert main(words) == Exit.FINE
    assert "of 16" in capsys.readouterr().out


def test_what_cannot_be_is_one_line(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    labels = str(data / "labels.csv")
    evaluate = ["evaluate", "audio-emotion", "--labels"]
    train = ["train", "audio-emotion", "--data", str(data), "--out", str(tmp_path)]
    for words, code, says in (
        ([*evaluate, str(tmp_path / "none.csv")], Exit.UNREADABLE, "none.csv cannot be read"),
        ([*evaluate, labels, "--course", str(tmp_path)], Exit.USAGE, "no finished course"),
        ([*evaluate, labels, "--corpus", "esd"], Exit.USAGE, "no row of the corpus 'esd'"),
        ([*train, "--folds", "9"], Exit.USAGE, "9 folds want at least as many speakers"),
        ([*train[:3], str(tmp_path / "none")], Exit.UNREADABLE, "is no folder"),
    ):
        assert main(words) == code
        assert says in capsys.readouterr().err

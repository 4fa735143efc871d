"""``--generator`` of the commands: what each choice does, and what is said where it cannot be."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from engines.wav2lip_emotion import shipped
from realtime.__main__ import main
from realtime.commands.errors import Exit
from realtime.types import Floats, Pixels
from tests import generators, portrait

RATE, FPS = 48_000, 25


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generators.reddening(tmp_path_factory.mktemp("weights") / "red.onnx")


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    path = tmp_path / "face.png"
    Image.fromarray(portrait.photograph()).save(path)
    return path


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch, weights: Path) -> None:
    """Let these weights be those that come with visavis."""
    monkeypatch.setattr(shipped, "known_weights", lambda: weights)


@pytest.fixture
def no_back_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be installed that runs networks; faces are found by MediaPipe then."""

    def load(name: str) -> Any:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr("engines.engine.load_backend", load)


def run(*words: str | Path) -> int:
    return main(["file", *map(str, words)])


def choice(photograph: Path, *words: str | Path) -> tuple[str, Pixels]:
    """Return which generator the report names, and the picture that it made."""
    new, report = photograph.with_name("new.png"), photograph.with_name("r.json")
    assert run(photograph, new, "--emotion", "happy", "--report", report, *words) == 0
    told = json.loads(report.read_text())
    rung = {"wav2lip-emotion": "generator", "geometric": "geometric"}[told["generator"]]
    assert told["rungs"] == {rung: 1}
    return told["generator"], np.asarray(Image.open(new).convert("RGB"))


def marked(photograph: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """Return what the new picture says of itself."""
    capsys.readouterr()
    main(["mark", str(photograph.with_name("new.png")), "--json"])
    return json.loads(capsys.readouterr().out)["statement"]


def test_a_generator_of_ones_own_changes_the_face_and_auto_leaves_it_to_the_edit(
    photograph: Path, weights: Path, capsys: pytest.CaptureFixture[str]
):
    name, red = choice(photograph, "--generator-weights", weights)
    assert marked(photograph, capsys)["network"] == "wav2lip-emotion"
    plain_name, plain = choice(photograph)
    assert (name, plain_name) == ("wav2lip-emotion", "geometric")
    apart = (plain.astype(int) - red)[..., 1:].mean(2)
    x, y = portrait.found().points[4, :2].round().astype(int)  # the tip of the nose
    assert apart[y - 20 : y + 20, x - 20 : x + 20].mean() == pytest.approx(38, rel=0.2)
    assert not apart[:40].any()
    assert "network" not in marked(photograph, capsys)
    assert choice(photograph, "--generator", "geometric", "--generator-weights", weights)[0] == (
        "geometric"
    )


@pytest.mark.usefixtures("ours")
def test_weights_that_come_along_are_the_default_once_they_beat_the_edit(
    photograph: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shipped, "BY_DEFAULT", False)
    assert choice(photograph)[0] == "geometric"
    assert choice(photograph, "--generator", "wav2lip-emotion")[0] == "wav2lip-emotion"
    monkeypatch.setattr(shipped, "BY_DEFAULT", True)
    assert choice(photograph)[0] == "wav2lip-emotion"
    assert choice(photograph, "--generator", "geometric")[0] == "geometric"


@pytest.mark.usefixtures("ours", "no_back_end")
def test_where_it_does_not_run_auto_is_the_edit(
    photograph: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(shipped, "BY_DEFAULT", True)
    with caplog.at_level(logging.WARNING):
        assert choice(photograph)[0] == "geometric"
    assert "the geometric edit is used alone" in caplog.text


@pytest.mark.parametrize("command", [["file", "a.png", "b.png"], ["camera"], ["serve"]])
def test_without_weights_it_says_how_to_get_some(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(shipped, "known_weights", lambda: None)
    assert main([*command, "--generator", "wav2lip-emotion"]) == Exit.USAGE
    said = capsys.readouterr().err.strip()
    assert "no weights for the generator wav2lip-emotion" in said
    assert "--generator-weights F.onnx" in said
    assert "docs/wav2lip-emotion.md" in said
    assert len(said.splitlines()) == 1


@pytest.mark.usefixtures("ours", "no_back_end")
def test_without_a_back_end_it_says_what_to_install(
    photograph: Path, capsys: pytest.CaptureFixture[str]
):
    words = ("--generator", "wav2lip-emotion")
    assert run(photograph, photograph.with_name("b.png"), *words) == Exit.USAGE
    said = capsys.readouterr().err
    assert "nothing here can run live_generator" in said
    assert "pip install 'visavis[engines]'" in said


def test_a_file_that_is_none_is_told(
    photograph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    other = generators.reddening(tmp_path / "other.onnx", side=64)
    for path, reason in (
        (tmp_path / "absent.onnx", "there is no such file"),
        (photograph, "nothing here can run live_generator"),
        (other, "this is no generator for calls"),
    ):
        words = ("--generator-weights", path)
        assert run(photograph, tmp_path / "b.png", *words) == Exit.USAGE
        said = capsys.readouterr().err
        assert reason in said
        assert str(path.name) in said or reason.startswith("nothing")


def talking(path: Path, pictures: Sequence[Pixels], sound: Floats) -> Path:
    """Write a lossless film with its sound."""
    with closing(av.open(str(path), mode="w")) as out:
        video = out.add_stream("ffv1", rate=FPS)
        video.height, video.width = pictures[0].shape[:2]
        video.pix_fmt = "yuv420p"
        audio = out.add_stream("pcm_s16le", rate=RATE, layout="mono")
        for i, rgb in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = i, Fraction(1, FPS)
            out.mux(video.encode(frame))
        block = av.AudioFrame.from_ndarray(
            (sound * 32_767).astype(np.int16)[None], format="s16", layout="mono"
        )
        block.sample_rate, block.pts, block.time_base = RATE, 0, Fraction(1, RATE)
        out.mux(audio.encode(block))
        out.mux(video.encode(None))
        out.mux(audio.encode(None))
    return path


def test_the_generator_hears_the_sound_of_the_film(tmp_path: Path):
    """This one gives blue back where it is loud: the second half of the film."""
    weights = generators.reddening(tmp_path / "hears.onnx", hearing=0.3)
    frames = 2 * FPS
    noise = np.random.default_rng(0).uniform(-0.7, 0.7, RATE).astype(np.float32)
    sound = np.concatenate([np.zeros(RATE, np.float32), noise])
    film = talking(tmp_path / "a.mkv", [portrait.photograph()] * frames, sound)
    words = ("--emotion", "happy", "--generator-weights", weights)
    assert run(film, tmp_path / "b.mkv", *words) == 0
    x, y = portrait.found().points[4, :2].round().astype(int)
    blue: list[float] = []
    with closing(av.open(str(tmp_path / "b.mkv"))) as made:
        for frame in made.decode(video=0):
            rgb = frame.to_ndarray(format="rgb24")
            blue.append(float(rgb[y - 20 : y + 20, x - 20 : x + 20, 2].mean()))
    assert len(blue) == frames
    quiet, loud = np.mean(blue[10:22]), np.mean(blue[-12:])
    assert loud - quiet > 15

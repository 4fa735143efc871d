from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest

from bench import portrait
from bench.quality import clips, run, sheets, summary, trial
from bench.quality.judges import LABELS, Floats, Identity, Pixels
from bench.quality.measures import Effect
from realtime.picture import from_rgb, to_rgb
from realtime.types import Edit, Emotion, Frame

EFFECT = Effect(
    person=15,
    frames=100,
    wins={"one": (0.1, 0.9), "two": (0.3, 0.5)},
    likely={"one": (0.2, 0.8), "two": (0.3, 0.2)},
    identity=0.85,
    lips=0.97,
    closed=10,
    kept=9,
    jitter=1.05,
    background=1.0,
    smile=0.05,
    lost=0,
    spent=(5_000_000, 7_000_000, 9_000_000),
)


class Brightness:
    """Takes a bright picture for a happy face."""

    name = "brightness"

    def __call__(self, rgb: Pixels, points: Floats) -> Floats:
        return self.batch([(rgb, points)])[0]

    def batch(self, faces: Sequence[tuple[Pixels, Floats]]) -> Floats:
        out = np.zeros((len(faces), len(LABELS)), np.float32)
        bright = np.array([rgb.mean() / 255 for rgb, _ in faces], np.float32)
        out[:, LABELS.index("happy")] = bright
        out[:, LABELS.index("sad")] = 1 - bright
        return out


class Anyone:
    """Knows everybody."""

    def batch(self, faces: Sequence[tuple[Pixels, Floats]]) -> Floats:
        return np.ones((len(faces), 1), np.float32)


def brighter(frames: Sequence[Frame], edit: Edit) -> tuple[list[Frame], list[int]]:
    made: list[Frame] = []
    for frame in frames:
        lit = np.invert(np.invert(to_rgb(frame)) // np.uint8(3))
        made.append(from_rgb(lit, captured=frame.captured, seq=frame.seq))
    return made, [8_000_000] * len(made)


def test_a_trial_compares_each_frame_with_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [from_rgb(to_rgb(f), captured=f.captured) for f in portrait.moving(320, 240, 8)]

    def looked(path: Path, seconds: float) -> list[Frame]:
        return frames

    monkeypatch.setattr(clips, "decode", looked)
    judge = trial.Bench([Brightness()], cast("Identity", Anyone()), 2, brighter)
    before = trial.look(clips.Clip(Path("x"), 1), judge, 1.0)
    assert before is not None
    assert before.shown == (0, 2, 4, 6)
    effect, after = trial.try_out(before, Emotion.HAPPY, Edit(Emotion.HAPPY), judge)
    was, now = effect.likely["brightness"]
    assert now == pytest.approx(1 - (1 - was) / 3, abs=0.02)
    assert effect.wins["brightness"][1] == 1
    assert (effect.frames, effect.lost) == (8, 0)
    assert effect.background < 0.2  # brightening reached far outside the face
    assert effect.jitter == pytest.approx(1, abs=0.3)
    assert len(after.rgb) == 8
    calm, _ = trial.try_out(
        before, Emotion.HAPPY, Edit(Emotion.HAPPY), replace(judge, filtering=trial.unfiltered)
    )
    assert (calm.background, calm.jitter, calm.smile) == (1.0, 1.0, 0.0)


def test_a_row_has_means_over_faces_and_counts_the_faces_that_rose() -> None:
    worse = replace(EFFECT, likely={"one": (0.2, 0.1), "two": (0.3, 0.2)}, lips=None, kept=5)
    row = summary.row("quality happy", [EFFECT, worse]).as_json()
    assert row["name"] == "quality happy"
    assert row["p50_ms"] == 7
    assert row["wins_after_one"] == 0.9
    assert row["wins_after"] == pytest.approx(0.7)
    assert (row["faces_risen_one"], row["faces_risen_two"], row["faces_risen"]) == (1, 0, 1)
    assert row["closures_kept"] == 0.7
    assert row["lip_correlation"] == 0.97


def test_an_emotion_that_no_judge_knows_is_measured_all_the_same() -> None:
    contempt = replace(EFFECT, wins={}, likely={})
    assert summary.row("quality contempt", [contempt]).as_json()["identity"] == 0.85
    assert "0.850" in summary.line("contempt", ["one", "two"], [contempt])
    assert "person 15" in summary.detail(contempt)


def test_without_data_the_run_says_so_and_fails_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VISAVIS_DATA", str(tmp_path))
    assert run(["--judges", "fer"]) == 0
    assert "skipped: " in capsys.readouterr().out


def test_a_sheet_shows_the_original_above_the_edited(tmp_path: Path) -> None:
    rgb = to_rgb(portrait.moving(320, 240, 1)[0])
    taken = clips.tracked([from_rgb(rgb)])
    edited = clips.Take(taken.frames, [np.zeros_like(rgb)], taken.points)
    album = sheets.Album()
    album.add(clips.Clip(Path("x"), 7), taken, edited)
    album.write(tmp_path, "happy")
    whole = cv2.imread(str(tmp_path / "happy-1.png"))
    assert whole is not None
    first = whole[:, : sheets.SIDE]
    assert first[40 : sheets.SIDE].mean() > 40
    assert first[sheets.SIDE + 10 : 2 * sheets.SIDE - 10, 10:-10].max() == 0
    assert (tmp_path / "happy-zoom-1.png").exists()

"""The measures of the paper's table, on pictures and numbers whose answer is known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from bench.quality import change, frechet, paper
from bench.quality.clips import Clip
from bench.quality.judges import LABELS, Floats
from bench.quality.lip_sync import REACH, LipSync, compare
from bench.quality.sharpness import cpbd, face_sharpness
from bench.quality.tally import Table, Tally
from bench.quality.ways import (
    Way,
    geometric,
    live_generator,
    paper_generator,
    taught_by_actors,
)
from engines.engine import File, open_engine
from engines.wav2lip_emotion import export, live, training
from engines.wav2lip_emotion import paper as engine
from engines.wav2lip_emotion.expert import Expert
from engines.wav2lip_emotion.faces import square_of
from engines.wav2lip_emotion.generator import Generator
from engines.wav2lip_emotion.live_network import LiveGenerator
from realtime.types import Edit, Emotion, Frame, Pixels
from tests import portrait
from tests.engines.wav2lip_emotion import acting


def unit(rows: NDArray[np.float64]) -> Floats:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("late", [-4, 0, 6])
def test_the_shift_at_which_lips_follow_the_sound_is_found(late: int):
    rng = np.random.default_rng(0)
    heard = unit(rng.normal(size=(80, 16)))
    noise = 0.3 * rng.normal(size=(80, 16))
    seen = unit(np.roll(heard, -late, 0) + noise)
    sync = compare(seen, heard)
    assert sync.offset == late
    worse = compare(unit(np.roll(heard, -late, 0) + 3 * noise), heard)
    assert worse.distance > sync.distance
    assert worse.confidence < sync.confidence
    with pytest.raises(ValueError, match="too few"):
        compare(seen[:REACH], heard[:REACH])


def test_an_expert_measures_a_clip_and_not_a_silent_one(tmp_path: Path):
    torch.manual_seed(0)
    state = {"kind": "expert", "width": 0.06, "model": Expert(0.06).state_dict()}
    training.save({"state": state}, tmp_path / "expert.pt")
    measure = LipSync(tmp_path / "expert.pt")
    sync = measure(acting.clip(1, frames=40).prepared)
    assert sync is not None
    assert 0 <= sync.distance <= np.sqrt(2)
    assert measure(acting.clip(1, frames=12).prepared) is None


def test_blur_is_heard_of_and_light_is_not():
    rgb, points = portrait.photograph(), portrait.found().points
    sharp = face_sharpness(rgb, points)
    blurred = np.asarray(cv2.GaussianBlur(rgb, (0, 0), 3), np.uint8)
    soft = face_sharpness(blurred, points)
    dim = face_sharpness((rgb * 0.7).astype(np.uint8), points)
    assert sharp is not None
    assert soft is not None
    assert dim is not None
    assert soft < 0.6 * sharp
    assert dim == pytest.approx(sharp, rel=0.25)
    assert cpbd(np.full((128, 128), 90, np.uint8)) is None


def test_frechet_is_the_distance_of_two_bells():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(4000, 3)).astype(np.float32)
    assert frechet.distance(a, a) == pytest.approx(0, abs=1e-3)
    moved = (a + np.array([3, 0, 0])).astype(np.float32)
    assert frechet.distance(a, moved) == pytest.approx(9, rel=1e-3)
    # Of one bell twice as wide: (2 - 1)^2 for each axis.
    assert frechet.distance(a, 2 * a) == pytest.approx(3, rel=0.1)
    with pytest.raises(ValueError, match="two faces"):
        frechet.distance(a[:1], a)


def test_the_acted_change_is_one_and_too_much_counts_against_neutral():
    assert change.normalised(0.2, 0.6, 0.6, to_neutral=False) == pytest.approx(1)
    assert change.normalised(0.2, 0.4, 0.6, to_neutral=False) == pytest.approx(0.5)
    assert change.normalised(0.2, 0.8, 0.6, to_neutral=False) == pytest.approx(1.5)
    assert change.normalised(0.2, 0.8, 0.6, to_neutral=True) == pytest.approx(0.5)
    assert change.normalised(0.2, 0.0, 0.6, to_neutral=True) == pytest.approx(-0.5)
    assert change.normalised(0.2, 0.9, 0.22, to_neutral=False) is None
    assert change.mean([0.5, None, 1.0]) == 0.75
    assert change.mean([None]) is None


def test_happy_is_pleasant_and_anger_is_loud():
    sure = np.eye(7, dtype=np.float32)
    happy, angry = (sure[LABELS.index(e)][None] for e in ("happy", "angry"))
    assert change.valence(happy) > 0 > change.valence(angry)
    assert change.arousal(angry) > change.arousal(happy)
    assert change.likelihood(np.concatenate([happy, angry]), "happy") == 0.5


def test_each_actor_is_changed_into_both_other_emotions():
    acted = [
        Clip(Path(f"{person}-{emotion}"), person, emotion)
        for person in (30, 31)
        for emotion in ("neutral", "happy", "sad", "fear")
    ]
    pairs = paper.acted_pairs(acted)
    assert len(pairs) == 12
    assert all(a.person == b.person and a.acted != b.acted for a, b in pairs)


def test_who_knows_one_change_stands_beside_the_others_at_that_change():
    def still(
        frames: Sequence[Frame], edit: Edit, sound: Floats, rest: Sequence[Frame]
    ) -> list[Frame]:
        return list(frames)

    all_of_them, happy = Way("edit", still), Way("drawn", still, Emotion.HAPPY)
    table = Table([all_of_them, happy])
    for source, emotion in (("neutral", "happy"), ("sad", "happy"), (None, "happy"), (None, "sad")):
        for way in (all_of_them, happy):
            for row in table.rows_of(way, source, Emotion(emotion)):
                once = Tally(identity=[0.5])
                for judge, share in (("judge", 1.0), ("fer", 9.0)):
                    once.judged(judge, f"{source}_to_{emotion}", share, contrary=False)
                row.extend(once)
    count = {name: len(row.identity) for name, row in table.rows()}
    assert count == {"edit": 4, "neutral to happy: edit": 2, "neutral to happy: drawn": 2}
    figures = dict(table.rows())["neutral to happy: drawn"].figures()
    assert figures["delta_emotion"] == 1.0  # whoever taught does not decide
    assert figures["frechet"] is None


def test_each_change_of_emotion_has_a_figure_of_its_own_and_counts_once():
    row = Tally()
    for way, share in (("happy_to_sad", 0.2), ("sad_to_happy", 0.6), ("happy_to_sad", 0.4)):
        once = Tally()
        once.judged("judge", way, share, contrary=False)
        once.judged("fer", way, 9.0, contrary=False)
        row.extend(once)
    figures = row.figures()
    assert figures["delta_emotion"] == 0.45
    assert figures["delta_emotion_happy_to_sad"] == pytest.approx(0.3)
    assert figures["delta_emotion_sad_to_happy"] == 0.6


def test_a_judge_who_sees_the_acted_change_go_the_wrong_way_is_told_apart():
    row = Tally()
    row.judged("one", "sad_to_neutral", 0.6, contrary=False)
    row.judged("another", "sad_to_neutral", -1.0, contrary=True)
    row.judged("one", "sad_to_happy", 1.0, contrary=False)
    figures = row.figures()
    assert figures["delta_emotion"] == 0.8
    assert figures["delta_emotion_with_contrary"] == pytest.approx(0.4)
    assert figures["delta_emotion_sad_to_neutral"] == 0.6
    assert figures["delta_emotion_another"] is None
    assert change.contrary(0.84, 0.77)
    assert not change.contrary(0.2, 0.3)
    assert change.contrary(-0.2, 0.1, rising=False)


def test_an_actor_is_changed_by_weights_that_did_not_learn_from_them(files: tuple[Path, Path]):
    assert paper.apart(f"30:{files[0]}") == (30, files[0])
    with pytest.raises(ValueError, match="absent"):
        paper.apart("30:absent.onnx")
    way = taught_by_actors({30: files[0], 31: files[0]})
    assert way.to(30) is not way.to(31)
    assert way.to(5) is way.to(30)


def test_a_trained_generator_is_named_with_what_it_is(files: tuple[Path, Path]):
    way = paper.trained(f"both:half:sad:{files[1]}")
    assert (way.name, way.shows) == ("paper's both, half mask", Emotion.SAD)
    for wrong in ("both:half:sad:absent.onnx", f"most:half:sad:{files[1]}"):
        with pytest.raises(ValueError, match="half:sad"):
            paper.trained(wrong)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("onnx")
    torch.manual_seed(0)
    calls, drawn = LiveGenerator(0.25).eval(), Generator(0.06).eval()
    torch.nn.init.normal_(calls.head.weight, 0, 0.5)
    (folder / "live.onnx").write_bytes(export.live_onnx(calls))
    (folder / "paper.onnx").write_bytes(export.paper_onnx(drawn))
    return folder / "live.onnx", folder / "paper.onnx"


def test_generators_change_the_face_and_nothing_else(files: tuple[Path, Path]):
    frames = [portrait.frame(portrait.photograph(), k, "rgb24") for k in range(2)]
    silence = np.zeros(0, np.float32)
    points = portrait.found().points
    reach = square_of(points, live.SEEN).side / 2 + 3
    for way in (live_generator(files[0]), paper_generator(files[1], "full", "both", Emotion.HAPPY)):
        made = way.change(frames, Edit(Emotion.HAPPY), silence, ())
        assert len(made) == 2
        assert made[1].captured == frames[1].captured
        changed = (made[0].planes[0] != frames[0].planes[0]).any(2)
        rows, columns = np.nonzero(changed)
        middle = (points[:, :2].min(0) + points[:, :2].max(0)) / 2
        assert len(rows) > 500
        assert np.abs(rows - middle[1]).max() < reach
        assert np.abs(columns - middle[0]).max() < reach


def test_a_way_that_is_shown_the_rest_goes_back_further():
    at_rest = portrait.act({"browDown": 0.8}, lips=1.0)
    rest = [portrait.frame(at_rest, k) for k in range(12)]
    raised = [portrait.frame(portrait.photograph(), k) for k in range(40)]
    untold, told = geometric(), geometric().knowing_rest()
    assert (untold.rested, told.rested, told.name) == (False, True, "geometric edit, rest shown")

    def brows(rgb: Pixels) -> float:
        return float(portrait.shape(rgb)[[105, 334, 55, 285], 1].mean())

    def left_over(shown: list[Frame]) -> float:
        made = told.change(raised, Edit(Emotion.NEUTRAL), np.zeros(0, np.float32), shown)
        return abs(brows(portrait.rgb_of(made[-1])) - brows(at_rest))

    assert left_over(rest) < 0.6 * left_over([])


def test_what_is_drawn_is_put_where_the_mask_was(files: tuple[Path, Path]):
    editor = engine.PaperEditor(
        open_engine(engine.SPEC, File(files[1]), ["onnxruntime"]).engine, "half"
    )
    rgb, points = portrait.photograph(), portrait.found().points
    square = square_of(points)
    out = editor(rgb, square, points, np.zeros((80, 16), np.float32))
    editor.close()
    difference = np.abs(out.astype(int) - rgb).max(2)
    below, above = int(square.y + square.side / 4), int(square.y - square.side / 4)
    x = int(square.x)
    assert difference[below - 10 : below + 10, x - 10 : x + 10].mean() > 10
    assert difference[above - 10 : above + 10, x - 10 : x + 10].mean() < 2

"""SyncNet as it was published: what it hears, its layers' names, and a clip measured by it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from bench.quality.lip_sync import REACH, compare
from bench.quality.syncnet import COLUMNS, PublishedLipSync, SyncNet, mfcc
from bench.quality.tally import Tally
from engines.wav2lip_emotion.faces import KEPT, Square
from engines.wav2lip_emotion.prepare import Followed
from engines.wav2lip_emotion.store import FPS, RATE
from engines.wav2lip_emotion.training import TrainingError
from tests import portrait


def test_it_hears_what_python_speech_features_gives():
    t = np.arange(RATE // 2) / RATE
    tone = 6000 * np.sin(2 * np.pi * 180 * t) + 3000 * np.sin(2 * np.pi * 1300 * t * (1 + t))
    heard = mfcc((tone.astype(np.int16) / 32767).astype(np.float32))
    assert heard.shape == (49, 13)
    known = {  # version 0.6, its defaults
        0: (19.351, 14.611, -16.399, -6.866, 29.798, 35.404, -4.237),
        30: (20.199, 4.952, -19.528, 28.211, 34.481, -19.892, -18.409),
        48: (20.325, -1.074, -14.095, 44.641, 16.843, -21.27, 23.776),
    }
    for moment, values in known.items():
        np.testing.assert_allclose(heard[moment, :7], values, atol=2e-3)
    assert mfcc(np.zeros(0, np.float32)).shape == (0, 13)
    assert np.isfinite(mfcc(np.zeros(RATE, np.float32))).all()


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("syncnet") / "syncnet_v2.model"
    torch.save(SyncNet().state_dict(), path)
    return path


def test_its_layers_have_the_published_names(weights: Path, tmp_path: Path):
    state = torch.load(weights, weights_only=True)
    shapes = {name: tuple(value.shape) for name, value in state.items()}
    for name, shape in (
        ("netcnnaud.0.weight", (64, 1, 3, 3)),
        ("netcnnaud.8.weight", (384, 192, 3, 3)),
        ("netcnnaud.18.weight", (512, 256, 5, 4)),
        ("netfcaud.3.weight", (1024, 512)),
        ("netcnnlip.0.weight", (96, 3, 5, 7, 7)),
        ("netcnnlip.4.weight", (256, 96, 1, 5, 5)),
        ("netcnnlip.18.weight", (512, 256, 1, 6, 6)),
        ("netfclip.1.running_mean", (512,)),
    ):
        assert shapes[name] == shape
    torch.save({"netcnnaud.0.weight": torch.zeros(1)}, tmp_path / "wrong.model")
    with pytest.raises(TrainingError, match="published weights"):
        PublishedLipSync(tmp_path / "wrong.model")


def test_it_measures_a_clip_and_neither_a_short_nor_a_silent_one(weights: Path):
    measure = PublishedLipSync(weights)
    shut, wide = portrait.act(lips=0.0), portrait.act(lips=1.0)
    face = portrait.found().points[:, :2]
    low, high = face.min(0), face.max(0)
    middle, side = (low + high) / 2, KEPT * float((high - low).max())
    square = Square(float(middle[0]), float(middle[1]), side)
    count = 24
    followed = Followed([face] * count, [square] * count)
    said = np.sin(np.arange(count * RATE // FPS) / 9).astype(np.float32)
    shown = [shut, wide] * (count // 2)
    sync = measure(shown, followed, said)
    assert sync is not None
    assert sync.distance > 0
    assert abs(sync.offset) <= REACH
    other = measure([shut] * count, followed, said)
    assert other is not None
    assert other.distance != sync.distance
    assert measure(shown, followed, said[:0]) is None
    few = Followed([face] * 12 + [None] * 12, [square] * 12 + [None] * 12)
    assert measure(shown, few, said) is None
    assert COLUMNS == 4 * 5


def test_sound_beyond_the_clip_is_an_embedding_of_zeros():
    rng = np.random.default_rng(0)
    heard = rng.normal(size=(40, 8)).astype(np.float32)
    seen = np.roll(heard, -3, 0)
    plain, padded = compare(seen, heard), compare(seen, heard, padded=True)
    assert plain.offset == padded.offset == 3
    last = np.linalg.norm(seen[37:], axis=1).sum()
    assert plain.distance == pytest.approx(0, abs=1e-6)
    assert padded.distance == pytest.approx(last / 40)


def test_its_figures_stand_beside_those_of_our_own_expert():
    row = Tally()
    heard = np.eye(20, dtype=np.float32)
    before, after = compare(heard, heard), compare(2 * heard, heard)
    row.synced("", before, before)
    row.synced("syncnet_", after, after)
    figures = row.figures()
    assert figures["lse_d"] == 0.0
    assert figures["syncnet_lse_d"] == 1.0
    assert figures["syncnet_lse_d_ratio"] == 1.0
    assert figures["lse_d_ratio"] is None

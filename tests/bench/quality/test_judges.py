from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from bench.quality import blendshapes, data, faceapi, judges
from bench.quality.judges import LABELS
from engines.wav2lip_emotion import xception

from .faces import series


def needs(*parts: str) -> Path:
    try:
        return data.find(*parts)
    except data.DataMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def acted() -> dict[str, list[tuple[judges.Pixels, judges.Floats]]]:
    """A few frames of an actor for each emotion, with the landmarks in them."""
    clips = pytest.importorskip("bench.quality.clips")
    needs("faces", "clips")
    found: dict[str, list[tuple[judges.Pixels, judges.Floats]]] = {}
    for clip in clips.acted():
        if clip.person == 30 and clip.acted in ("happy", "surprise", "sad"):
            frames = list(clips.decode(clip.path, 2.5))[20::5]
            found[clip.acted] = clips.tracked(frames).faces()
    return found


def test_the_network_names_what_an_actor_shows(
    acted: dict[str, list[tuple[judges.Pixels, judges.Floats]]],
) -> None:
    judge = judges.ExpressionJudge(needs("models", "fer2013_mini_XCEPTION.102-0.66.hdf5"))
    for emotion, faces in acted.items():
        p = judge.batch(faces)
        np.testing.assert_allclose(p.sum(1), 1, atol=1e-5)
        assert LABELS[p.mean(0).argmax()] == emotion
        np.testing.assert_allclose(judge(*faces[0]), p[0], atol=1e-5)


def test_identity_is_of_the_person_not_of_the_picture(
    acted: dict[str, list[tuple[judges.Pixels, judges.Floats]]],
) -> None:
    identity = judges.Identity(needs("models", "mobilefacenet_foamliu.onnx"))
    happy, sad = (identity.batch(acted[e]) for e in ("happy", "sad"))
    assert np.linalg.norm(happy, axis=1) == pytest.approx(1, abs=1e-5)
    assert (happy @ sad.T).mean() > 0.4
    rgb, points = acted["sad"][0]
    negative = np.invert(rgb)
    assert float(identity(negative, points) @ sad[0]) < 0.5


def test_the_network_can_be_differentiated() -> None:
    net = xception.MiniXception().eval()
    x = torch.zeros(2, 1, 64, 64, requires_grad=True)
    net(x)[:, 3].sum().backward()
    assert x.grad is not None
    assert x.grad.shape == x.shape


def test_pooling_pads_last_as_tensorflow_does() -> None:
    x = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert xception.pool(x).flatten().tolist() == [10, 11, 14, 15]


def test_a_manifest_is_read_and_dequantised(tmp_path: Path) -> None:
    weights = [
        {"name": "a", "shape": [2], "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1}},
        {"name": "b", "shape": [1, 1]},
    ]
    text = json.dumps([{"weights": weights}])
    (tmp_path / "face_expression_model-weights_manifest.json").write_text(text)
    raw = bytes([0, 4]) + np.float32(7.5).tobytes()
    (tmp_path / "face_expression_model.bin").write_bytes(raw)
    read = faceapi.read(tmp_path)
    assert read["a"].tolist() == [-1, 1]
    assert read["b"].tolist() == [[7.5]]


def test_a_square_is_cut_where_the_face_is_and_shrinks_without_aliasing() -> None:
    rgb = np.zeros((480, 640, 3), np.uint8)
    points = series(1)[0]
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    x0, y0, x1, y1 = (int(v) for v in (*low, *high))
    rgb[y0:y1, x0:x1] = 200
    cut = judges.square(rgb, points, (1.0, 0.0), 64)
    assert cut[:, 32].mean() > 190
    assert judges.square(rgb, points, (2.0, 0.0), 64)[4, 4].max() == 0
    rgb[::2] = 255
    rgb[1::2] = 0
    assert judges.square(rgb, points, (1.0, 0.0), 64).std() < 25


def test_alignment_puts_the_five_points_where_the_identity_network_expects_them() -> None:
    points = judges.five_points(series(1, head=1)[0])
    matrix = judges.similarity(points, judges.ARCFACE)
    there = points @ matrix[:, :2].T + matrix[:, 2]
    assert np.abs(there - judges.ARCFACE).max() < 8
    turned = judges.similarity(judges.ARCFACE, judges.ARCFACE[:, ::-1] * (1, -1))
    np.testing.assert_allclose(turned[:, :2], [[0, 1], [-1, 0]], atol=1e-6)


def test_a_regression_learns_blendshapes_that_tell_emotions_apart() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(len(LABELS)), 30)
    scores = rng.uniform(0, 0.2, (len(labels), 52)).astype(np.float32)
    scores[np.arange(len(labels)), 20 + 3 * labels] += 0.6
    weights = blendshapes.fit(scores[::2], labels[::2])
    p = blendshapes.probabilities(weights, scores[1::2])
    assert (p.argmax(1) == labels[1::2]).mean() > 0.95
    np.testing.assert_allclose(p.sum(1), 1, atol=1e-5)


def test_a_crooked_smile_counts_as_much_on_either_side() -> None:
    left, right = np.zeros((2, 1, 52), np.float32)
    left[0, 44], right[0, 45] = 0.8, 0.8
    np.testing.assert_array_equal(blendshapes.features(left), blendshapes.features(right))

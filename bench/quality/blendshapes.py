"""A judge that reads action units: MediaPipe's blendshapes, and a regression fitted on actors.

It sees geometry only, through a network that never saw an emotion's name. Its regression is
fitted anew from the acted clips on this machine (no fitted number is in the repository) and kept
in ``out/judges`` so that the next run starts at once.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from bench.quality import data
from bench.quality.judges import LABELS, Floats, Pixels

MARGIN = 0.35
"""Room around the landmarks' box in which the landmarker may look for the face, in its sides."""


class Blendshapes:
    """MediaPipe's FaceLandmarker on single pictures: 52 blendshape scores."""

    def __init__(self, path: Path | None = None) -> None:
        os.environ.setdefault("GLOG_minloglevel", "2")
        import mediapipe as mp
        from mediapipe.tasks import python as tasks
        from mediapipe.tasks.python import vision as untyped

        model = path or data.find("models", "mediapipe_face_landmarker_v2_with_blendshapes.task")
        vision: Any = untyped
        options = vision.FaceLandmarkerOptions(
            base_options=tasks.BaseOptions(model_asset_path=str(model)),
            output_face_blendshapes=True,
        )
        self._mp: Any = mp
        self._landmarker: Any = vision.FaceLandmarker.create_from_options(options)

    def __call__(self, rgb: Pixels, points: Floats) -> Floats | None:
        """Return [52] scores of the face at ``points``, or None where none is found."""
        low, high = points[:, :2].min(0), points[:, :2].max(0)
        room = (high - low).max() * MARGIN
        x0, y0 = np.maximum(low - room, 0).astype(int)
        x1, y1 = (high + room).astype(int)
        part = np.ascontiguousarray(rgb[y0:y1, x0:x1])
        picture = self._mp.Image(image_format=self._mp.ImageFormat.SRGB, data=part)
        found = self._landmarker.detect(picture).face_blendshapes
        return np.array([c.score for c in found[0]], np.float32) if found else None

    def close(self) -> None:
        """Stop the network."""
        self._landmarker.close()


class BlendshapeJudge:
    """Multinomial logistic regression on blendshapes, fitted on acted clips.

    Fitted on one of MEAD's two actors and tested on the other, the acted emotion wins in this
    share of frames: happy .95, surprise 1.0, sad .76, angry .87, disgust .42, fear .67.
    """

    name = "units"

    def __init__(self, weights: Floats | None = None, shapes: Blendshapes | None = None) -> None:
        self._shapes = shapes or Blendshapes()
        self._weights = fitted(self._shapes) if weights is None else weights

    def __call__(self, rgb: Pixels, points: Floats) -> Floats:
        """Judge one face."""
        return self.batch([(rgb, points)])[0]

    def without(self, actor: int) -> BlendshapeJudge:
        """Return a judge that was fitted on everyone else, who may judge ``actor``."""
        scores, labels, actors = acted_scores(self._shapes)
        others = actors != actor
        return BlendshapeJudge(fit(scores[others], labels[others]), self._shapes)

    def batch(self, faces: Sequence[tuple[Pixels, Floats]]) -> Floats:
        """Judge several: [N, 7]; a face that is not found again is an even seventh of each."""
        scores = [self._shapes(rgb, points) for rgb, points in faces]
        rows = [
            np.full(len(LABELS), 1 / len(LABELS), np.float32)
            if s is None
            else probabilities(self._weights, s[None])[0]
            for s in scores
        ]
        return np.stack(rows) if rows else np.zeros((0, len(LABELS)), np.float32)


def probabilities(weights: Floats, scores: Floats) -> Floats:
    """Softmax of [53, 7] ``weights`` on [N, 52] ``scores``: [N, 7]."""
    logits = features(scores) @ weights
    e = np.exp(logits - logits.max(1, keepdims=True))
    return cast("Floats", (e / e.sum(1, keepdims=True)).astype(np.float32))


def features(scores: Floats) -> Floats:
    """Return [N, 53]: both sides' mean in place of each (the edit may mirror an actor), and 1.

    A square root spreads the small scores, where most action units live.
    """
    x = np.sqrt(np.clip(scores, 0, 1))
    return np.concatenate([x @ _SIDES, np.ones((len(x), 1), np.float32)], 1).astype(np.float32)


def _side_means() -> Floats:
    """[52, 52] that averages MediaPipe's left and right scores, which stand beside each other."""
    pairs = [
        (1, 2), (4, 5), (7, 8), (9, 10), (11, 12), (13, 14), (15, 16), (17, 18), (19, 20),
        (21, 22), (28, 29), (30, 31), (34, 35), (36, 37), (44, 45), (46, 47), (48, 49), (50, 51),
    ]  # fmt: skip
    mean = np.eye(52, dtype=np.float32)
    for a, b in pairs:
        mean[np.ix_((a, b), (a, b))] = 0.5
    return mean


_SIDES = _side_means()


def fit(scores: Floats, labels: NDArray[np.int64], *, ridge: float = 1e-3) -> Floats:
    """Fit [53, 7] weights by gradient descent with momentum; every label weighs the same."""
    x = features(scores).astype(np.float64)
    y = np.eye(len(LABELS))[labels]
    share = (1 / np.maximum(y.sum(0), 1))[labels]
    share /= share.sum()
    w = np.zeros((x.shape[1], len(LABELS)))
    v = np.zeros_like(w)
    for _ in range(1500):
        logits = x @ w
        p = np.exp(logits - logits.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        slope = x.T @ ((p - y) * share[:, None]) + ridge * w
        v = 0.9 * v - 1.0 * slope
        w += v
    return w.astype(np.float32)


def fitted(shapes: Blendshapes) -> Floats:
    """Return weights fitted on every acted clip, from ``out/judges`` or anew."""
    kept = data.OWN / "units.npz"
    if kept.exists():
        return cast("Floats", np.load(kept)["weights"])
    scores, labels, _ = acted_scores(shapes)
    weights = fit(scores, labels)
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.savez(kept, weights=weights)
    return weights


@lru_cache(maxsize=1)
def acted_scores(shapes: Blendshapes) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Return the blendshapes [N, 52], labels [N] and actors [N] of the acted clips' frames."""
    from bench.quality import clips

    scores: list[Floats] = []
    labels: list[int] = []
    actors: list[int] = []
    for clip in clips.acted():
        if clip.acted not in LABELS:
            continue
        for rgb, points in clips.take(clip).faces(2):
            found = shapes(rgb, points)
            if found is not None:
                scores.append(found)
                labels.append(LABELS.index(clip.acted))
                actors.append(clip.person)
    return np.stack(scores), np.array(labels), np.array(actors)

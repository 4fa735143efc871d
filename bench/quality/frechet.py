"""Frechet distance between two heaps of face crops: FID, where Inception's weights are at hand.

Heusel et al., "GANs Trained by a Two Time-Scale Update Rule", 2017, section 4. What is measured is
the distance of two normal distributions fitted to a network's features. With MobileFaceNet's
embeddings in place of Inception's pool it says the same of faces, and can only be set beside
itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.quality import data
from bench.quality.judges import Floats, Identity, Pixels, square

INCEPTION = "inception_pool3.onnx"
"""Name of a file in ``out/judges``: [1, 3, 299, 299] RGB of -1..1 to [1, 2048]."""

BOX = (1.2, 0.0)


class Features(Protocol):
    """Turns faces into points of a space."""

    name: str

    def __call__(self, faces: Sequence[tuple[Pixels, Floats]]) -> Floats:
        """Return [N, D] of pictures [H, W, 3] with landmarks [478, 2 or 3]."""
        ...


class FaceFeatures:
    """MobileFaceNet's embeddings, 128 numbers."""

    name = "face"

    def __init__(self) -> None:
        self._identity = Identity()

    def __call__(self, faces: Sequence[tuple[Pixels, Floats]]) -> Floats:
        """Embed faces."""
        return self._identity.batch(faces)


class InceptionFeatures:
    """Inception's last pool, 2048 numbers, as the paper's FID has it."""

    name = "inception"

    def __init__(self, path: Path | None = None) -> None:
        import onnxruntime as ort

        model = path or data.find_judge(INCEPTION)
        options = cast("Any", ort.SessionOptions())
        options.intra_op_num_threads = 1
        self._session = cast("Any", ort.InferenceSession(str(model), options))
        self._input = self._session.get_inputs()[0].name

    def __call__(self, faces: Sequence[tuple[Pixels, Floats]]) -> Floats:
        """Embed squares around faces."""
        rows: list[Floats] = []
        for rgb, points in faces:
            crop = cv2.resize(square(rgb, points, BOX, 96), (299, 299))
            x = (crop.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None]
            out = self._session.run(None, {self._input: np.ascontiguousarray(x)})[0]
            rows.append(np.asarray(out, np.float32).ravel())
        return np.stack(rows)


def open_features() -> Features:
    """Return Inception where its weights are, else MobileFaceNet.

    Raises:
        DataMissing: neither is there.
    """
    try:
        return InceptionFeatures()
    except data.DataMissing:
        return FaceFeatures()


def distance(before: Floats, after: Floats) -> float:
    """Return the Frechet distance of features [N, D] and [M, D].

    Raises:
        ValueError: fewer than two of either.
    """
    if min(len(before), len(after)) < 2:
        raise ValueError("a distribution needs two faces at least")
    a, b = before.astype(np.float64), after.astype(np.float64)
    apart = float(((a.mean(0) - b.mean(0)) ** 2).sum())
    ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    # The trace of the root of a product: the sum of the roots of its eigenvalues, found of a
    # symmetric matrix that has the same ones.
    root = _root(ca)
    shared = np.sqrt(np.clip(np.linalg.eigvalsh(root @ cb @ root), 0, None)).sum()
    return max(0.0, apart + float(np.trace(ca) + np.trace(cb) - 2 * shared))


def _root(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(matrix)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    return np.asarray(root, np.float64)

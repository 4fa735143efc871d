"""Networks that look at a face: which emotion it shows, and whose it is.

None of them is part of the filter, and none of their weights is in this repository: they are
read from the data folder, so that what tunes the edit cannot be what it ships.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from bench.quality import data, xception

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The order of every judge's probabilities; ``contempt`` is not among what they know."""


class Judge(Protocol):
    """Says which emotion a face shows."""

    @property
    def name(self) -> str:
        """Short, for table headings."""
        ...

    def __call__(self, rgb: Pixels, points: Floats) -> Floats:
        """[H, W, 3] and landmarks [478, 2 or 3] in pixels -> [7] probabilities, as ``LABELS``."""
        ...

    def batch(self, faces: Sequence[tuple[Pixels, Floats]]) -> Floats:
        """Judge several at once: [N, 7]."""
        ...


Box = tuple[float, float]
"""A square around a face: (side over the longer side of the landmarks' box, how far its centre
lies below theirs, in sides)."""

BOXES: tuple[Box, ...] = ((0.95, -0.1), (1.0, -0.1), (1.05, -0.1))
"""The squares that judge acted recordings best (two actors, share of frames: happy .78, surprise
.94, sad .61, angry .64, disgust .26, fear .44); their mean forgives a landmark's wobble."""


class ExpressionJudge:
    """mini_XCEPTION, trained on FER2013 (66 %): 64x64 grey squares around the face."""

    name = "fer"

    def __init__(self, path: Path | None = None, boxes: Sequence[Box] = BOXES) -> None:
        weights = path or data.find("models", "fer2013_mini_XCEPTION.102-0.66.hdf5")
        self.network = xception.load(weights)
        self._boxes = tuple(boxes)

    def __call__(self, rgb: Pixels, points: Floats) -> Floats:
        """Judge one face."""
        return self.batch([(rgb, points)])[0]

    def batch(self, faces: Sequence[tuple[Pixels, Floats]]) -> Floats:
        """Judge several at once: [N, 7]."""
        if not faces:
            return np.zeros((0, len(LABELS)), np.float32)
        squares = [
            square(grey, points, box)
            for grey, points in ((cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), p) for rgb, p in faces)
            for box in self._boxes
        ]
        x = torch.from_numpy(np.stack(squares)[:, None].astype(np.float32) / 127.5 - 1)
        with torch.no_grad():
            p = torch.softmax(self.network(x), 1)
        return p.reshape(len(faces), len(self._boxes), -1).mean(1).numpy()


def square(image: NDArray[Any], points: Floats, box: Box, size: int = 64) -> NDArray[Any]:
    """Cut the square ``box`` around a face out of ``image``, as ``size`` x ``size`` pixels."""
    scale, below = box
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    side = float((high - low).max()) * scale
    corner = (low + high) / 2 - side / 2 + (0, below * side)
    k = size / side
    if k < 0.75:  # a plain bilinear reduction would alias
        image = cv2.GaussianBlur(image, (0, 0), 0.35 / k)
    shift = -corner * k + 0.5 * k - 0.5
    matrix = np.array([[k, 0, shift[0]], [0, k, shift[1]]])
    warped = cv2.warpAffine(image, matrix, (size, size), borderMode=cv2.BORDER_REPLICATE)
    return cast("NDArray[Any]", warped)


ARCFACE = np.array(
    [
        (38.2946, 51.6963),
        (73.5318, 51.5014),
        (56.0252, 71.7366),
        (41.5493, 92.3655),
        (70.7299, 92.2041),
    ],
    np.float32,
)
"""Where ArcFace's alignment puts eyes, nose tip and mouth corners in 112x112, image left first."""


class Identity:
    """MobileFaceNet: the cosine of two of its unit vectors tells whether faces are one person's.

    Same person .61, strangers .11 over eight acted emotions; an untouched clip against itself
    a second later .75 to .92.
    """

    def __init__(self, path: Path | None = None) -> None:
        import onnxruntime as ort  # noqa: PLC0415 - heavy, and only measurements need it here

        model = path or data.find("models", "mobilefacenet_foamliu.onnx")
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = cast("Any", ort.InferenceSession(str(model), options))
        self._input = self._session.get_inputs()[0].name

    def __call__(self, rgb: Pixels, points: Floats) -> Floats:
        """[H, W, 3] and landmarks [478, 2 or 3] -> [128], of length one."""
        x = aligned(rgb, points).astype(np.float32) / 255
        x = (x - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)
        x = np.ascontiguousarray(x.transpose(2, 0, 1)[None].astype(np.float32))
        v = np.asarray(self._session.run(None, {self._input: x})[0], np.float32)[0]
        return v / np.linalg.norm(v)

    def batch(self, faces: Sequence[tuple[Pixels, Floats]]) -> Floats:
        """Embed several: [N, 128]."""
        return np.stack([self(rgb, points) for rgb, points in faces])


def five_points(points: Floats) -> Floats:
    """Return eyes, nose tip and mouth corners of 478 landmarks: [5, 2], image left first."""
    p = points[:, :2]
    right, left = (p[33] + p[133]) / 2, (p[263] + p[362]) / 2
    return np.stack([right, left, p[1], p[61], p[291]]).astype(np.float32)


def aligned(rgb: Pixels, points: Floats) -> Pixels:
    """Return the face turned and scaled onto ArcFace's five points: [112, 112, 3]."""
    matrix = _similarity(five_points(points), ARCFACE)
    k = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if k < 0.75:
        rgb = cast("Pixels", cv2.GaussianBlur(rgb, (0, 0), 0.35 / k))
    return cast("Pixels", cv2.warpAffine(rgb, matrix, (112, 112)))


def _similarity(source: Floats, target: Floats) -> NDArray[np.float64]:
    """Return the least-squares rotation, scale and shift from ``source`` onto ``target``: [2, 3]."""
    a = source.astype(np.float64) @ (1, 1j)
    b = target.astype(np.float64) @ (1, 1j)
    a0, b0 = a.mean(), b.mean()
    turn = (np.conj(a - a0) @ (b - b0)) / (np.abs(a - a0) ** 2).sum()
    shift = b0 - turn * a0
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])

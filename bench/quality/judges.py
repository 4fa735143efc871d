"""Networks that look at a face: which emotion it shows, and whose it is.

None of them is part of the filter, and none of their weights is in this repository: what
measures the edit must not be what it ships.
"""

# ruff: noqa: TID253 - a module of networks; only who judges imports it

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bench.quality import data, faceapi
from engines.wav2lip_emotion import xception

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The order of every judge's probabilities; ``contempt`` is not among what they know."""

BATCH = 16
"""Squares that a network sees at once: as many as a core's cache holds, five times as fast."""

Box = tuple[float, float]
"""A square around a face: (side over the longer side of the landmarks' box, how far its centre
lies below theirs, in sides)."""


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


def use_one_core() -> None:
    """Keep torch off the other cores: on pictures this small they wait for each other."""
    torch.set_num_threads(1)


class _Network:
    """A network that sees squares around a face; the mean over them forgives a wobbling box."""

    name: str
    network: Callable[[Tensor], Tensor]
    boxes: tuple[Box, ...]

    def __call__(self, rgb: Pixels, points: Floats) -> Floats:
        """Judge one face."""
        return self.batch([(rgb, points)])[0]

    def batch(self, faces: Sequence[tuple[Pixels, Floats]]) -> Floats:
        """Judge several at once: [N, 7]."""
        if not faces:
            return np.zeros((0, len(LABELS)), np.float32)
        with torch.no_grad():
            x = self.see(faces).contiguous(memory_format=torch.channels_last)
            parts = [self.network(x[k : k + BATCH]) for k in range(0, len(x), BATCH)]
            p = torch.softmax(torch.cat(parts), 1)
        mean = p.reshape(len(faces), len(self.boxes), -1).mean(1)
        return cast("Floats", self.arrange(mean).numpy())

    def see(self, faces: Sequence[tuple[Pixels, Floats]]) -> Tensor:
        """Return the network's input: the squares of every face, face after face."""
        raise NotImplementedError

    def arrange(self, p: Tensor) -> Tensor:
        """Put the network's outputs into the order of ``LABELS``."""
        return p


class ExpressionJudge(_Network):
    """mini_XCEPTION, trained on FER2013 (66 %): 64x64 grey squares around the face.

    On acted recordings (two actors of MEAD, share of frames in which the acted emotion wins):
    happy .78, surprise .94, sad .61, angry .64, disgust .26, fear .44.
    """

    def __init__(self, path: Path | None = None, boxes: Sequence[Box] | None = None) -> None:
        weights = path or data.find("models", "fer2013_mini_XCEPTION.102-0.66.hdf5")
        self.name = "fer"
        self.network = xception.load(weights)
        # The squares that judge the acted recordings best.
        self.boxes = tuple(boxes or ((0.95, -0.1), (1.0, -0.1), (1.05, -0.1)))

    @classmethod
    def wide(cls) -> ExpressionJudge:
        """Return one that sees the whole head, as another face detector might cut it.

        It is a worse judge of actors, but an edit must not depend on where the square lies.
        """
        judge = cls(boxes=((1.1, 0.0), (1.15, -0.05), (1.2, 0.0)))
        judge.name = "ferwide"
        return judge

    def see(self, faces: Sequence[tuple[Pixels, Floats]]) -> Tensor:
        """[N * boxes, 1, 64, 64] in -1..1."""
        squares: list[NDArray[Any]] = []
        for rgb, points in faces:
            grey = cast("Pixels", cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))
            squares += [square(grey, points, box) for box in self.boxes]
        return torch.from_numpy(np.stack(squares)[:, None].astype(np.float32) / 127.5 - 1)


class FaceApiJudge(_Network):
    """face-api's expression network: 112x112 colour squares around the face.

    On the same acted recordings: happy .72, surprise 1.0, sad .49, angry .26, disgust .77,
    fear .21.
    """

    name = "faceapi"

    def __init__(self, folder: Path | None = None, boxes: Sequence[Box] | None = None) -> None:
        self.network = faceapi.load(folder or data.find_judge("face_expression_model.bin").parent)
        self.boxes = tuple(boxes or ((1.0, -0.1), (1.0, -0.05), (1.1, -0.1)))

    def see(self, faces: Sequence[tuple[Pixels, Floats]]) -> Tensor:
        """[N * boxes, 3, 112, 112] in 0..255."""
        squares = [square(rgb, points, box, 112) for rgb, points in faces for box in self.boxes]
        return torch.from_numpy(np.stack(squares).astype(np.float32).transpose(0, 3, 1, 2).copy())

    def arrange(self, p: Tensor) -> Tensor:
        """Put the network's outputs into the order of ``LABELS``."""
        return p[:, [faceapi.ORDER.index(label) for label in LABELS]]


def square(image: NDArray[Any], points: Floats, box: Box, size: int = 64) -> NDArray[Any]:
    """Cut the square ``box`` around a face out of ``image``, as ``size`` x ``size`` pixels."""
    scale, below = box
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    side = float((high - low).max()) * scale
    corner = (low + high) / 2 - side / 2 + (0, below * side)
    k = size / side
    matrix = np.array([[k, 0, -corner[0] * k], [0, k, -corner[1] * k]])
    matrix[:, 2] += 0.5 * k - 0.5  # a pixel's number is its centre's
    return shrunk(image, matrix, size)


def shrunk(image: NDArray[Any], matrix: NDArray[np.float64], size: int) -> NDArray[Any]:
    """Apply a similarity [2, 3] that may make ``image`` smaller, without aliasing."""
    k = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if k < 0.75:
        corners = np.array([(0, 0), (size, 0), (0, size), (size, size)], np.float64)
        back = (corners - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T
        margin = 2 / k
        low = np.maximum(np.floor(back.min(0) - margin), 0).astype(int)
        high = np.ceil(back.max(0) + margin).astype(int)
        part = image[low[1] : max(high[1], low[1] + 1), low[0] : max(high[0], low[0] + 1)]
        if part.size:
            image = cast("NDArray[Any]", cv2.GaussianBlur(part, (0, 0), 0.35 / k))
            matrix = matrix.copy()
            matrix[:, 2] += matrix[:, :2] @ low
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

    Same person .65, strangers .09 over eight acted emotions; an untouched clip against itself
    a second later .83 to .96.
    """

    def __init__(self, path: Path | None = None) -> None:
        import onnxruntime as ort

        model = path or data.find("models", "mobilefacenet_foamliu.onnx")
        options = cast("Any", ort.SessionOptions())
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
        if not faces:
            return np.zeros((0, 128), np.float32)
        return np.stack([self(rgb, points) for rgb, points in faces])


def five_points(points: Floats) -> Floats:
    """Return eyes, nose tip and mouth corners of 478 landmarks: [5, 2], image left first."""
    p = points[:, :2]
    right, left = (p[33] + p[133]) / 2, (p[263] + p[362]) / 2
    return np.stack([right, left, p[1], p[61], p[291]]).astype(np.float32)


def aligned(rgb: Pixels, points: Floats) -> Pixels:
    """Return the face turned and scaled onto ArcFace's five points: [112, 112, 3]."""
    return cast("Pixels", shrunk(rgb, similarity(five_points(points), ARCFACE), 112))


def similarity(source: Floats, target: Floats) -> NDArray[np.float64]:
    """Return the least-squares turn, scale and shift from ``source`` onto ``target``: [2, 3]."""
    a = source.astype(np.float64) @ (1, 1j)
    b = target.astype(np.float64) @ (1, 1j)
    a0, b0 = a.mean(), b.mean()
    turn = (np.conj(a - a0) @ (b - b0)) / (np.abs(a - a0) ** 2).sum()
    shift = b0 - turn * a0
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])

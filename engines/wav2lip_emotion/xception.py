"""mini_XCEPTION in torch: the small expression network of FER2013, read from its Keras file.

Rebuilt rather than run in Keras so that it costs no second framework and can be differentiated: it
is an emotion objective here, and a judge in ``bench``. The graph is fixed; the file, which is not
part of this repository, is checked against it by its layer names.
"""

# ruff: noqa: TID253 - a module of networks; only who trains or judges imports it

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import h5py
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""FER2013's order; ``contempt`` is not among them."""

EPSILON = 1e-3  # Keras' default for batch normalisation, and what the file's graph says


def pool(x: Tensor) -> Tensor:
    """Max pool 3x3, stride 2, padded as TensorFlow's "same" pads: the odd row goes last."""
    height, width = x.shape[-2:]
    down, across = _same(height), _same(width)
    pads = (across // 2, across - across // 2, down // 2, down - down // 2)
    return functional.max_pool2d(functional.pad(x, pads, value=float("-inf")), 3, 2)


def _same(size: int) -> int:
    return (-(-size // 2) - 1) * 2 + 3 - size


class Separable(nn.Sequential):
    """A depthwise 3x3 convolution, a pointwise one, and a batch norm."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__(
            nn.Conv2d(inside, inside, 3, padding=1, groups=inside, bias=False),
            nn.Conv2d(inside, outside, 1, bias=False),
            nn.BatchNorm2d(outside, eps=EPSILON),
        )


class Block(nn.Module):
    """Two separable convolutions and a pool, beside a strided 1x1 shortcut."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.first = Separable(inside, outside)
        self.second = Separable(outside, outside)
        self.shortcut = nn.Conv2d(inside, outside, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(outside, eps=EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        """[N, inside, H, W] -> [N, outside, ceil(H/2), ceil(W/2)]."""
        long = pool(self.second(torch.relu(self.first(x))))
        return long + self.norm(self.shortcut(x))


class MiniXception(nn.Module):
    """[N, 1, 64, 64] grey in -1..1 -> [N, 7] logits, in the order of ``LABELS``."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, 8, 3, bias=False),
            nn.BatchNorm2d(8, eps=EPSILON),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, bias=False),
            nn.BatchNorm2d(8, eps=EPSILON),
            nn.ReLU(),
        )
        self.blocks = nn.Sequential(Block(8, 16), Block(16, 32), Block(32, 64), Block(64, 128))
        self.head = nn.Conv2d(128, 7, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of a batch."""
        return self.head(self.blocks(self.stem(x))).mean((2, 3))


def load(path: Path) -> MiniXception:
    """Return the network with the weights of a Keras file, in evaluation mode, not trainable."""
    net = MiniXception().eval().requires_grad_(False)
    with h5py.File(path, "r") as file:
        weights = cast("Any", file["model_weights"])
        _conv(net.stem[0], weights, "conv2d_1")
        _norm(net.stem[1], weights, "batch_normalization_1")
        _conv(net.stem[3], weights, "conv2d_2")
        _norm(net.stem[4], weights, "batch_normalization_2")
        for k, block in enumerate(cast("list[Block]", list(net.blocks))):
            _separable(block.first, weights, 2 * k + 1, 3 * k + 4)
            _separable(block.second, weights, 2 * k + 2, 3 * k + 5)
            _conv(block.shortcut, weights, f"conv2d_{k + 3}")
            _norm(block.norm, weights, f"batch_normalization_{3 * k + 3}")
        _conv(net.head, weights, "conv2d_7")
        net.head.bias = _frozen(_read(weights, "conv2d_7", "bias"))
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _separable(to: Separable, weights: Any, conv: int, norm: int) -> None:
    name = f"separable_conv2d_{conv}"
    depth = _read(weights, name, "depthwise_kernel")  # [3, 3, C, 1]
    _set(to[0], depth.transpose(2, 3, 0, 1))
    _set(to[1], _read(weights, name, "pointwise_kernel").transpose(3, 2, 0, 1))
    _norm(to[2], weights, f"batch_normalization_{norm}")


def _conv(to: nn.Module, weights: Any, name: str) -> None:
    _set(to, _read(weights, name, "kernel").transpose(3, 2, 0, 1))


def _norm(to: nn.Module, weights: Any, name: str) -> None:
    norm = cast("nn.BatchNorm2d", to)
    norm.weight = _frozen(_read(weights, name, "gamma"))
    norm.bias = _frozen(_read(weights, name, "beta"))
    norm.running_mean = torch.from_numpy(_read(weights, name, "moving_mean"))
    norm.running_var = torch.from_numpy(_read(weights, name, "moving_variance"))


def _set(to: nn.Module, kernel: NDArray[np.float32]) -> None:
    conv = cast("nn.Conv2d", to)
    if conv.weight.shape != kernel.shape:
        raise ValueError(f"kernel {kernel.shape} where {tuple(conv.weight.shape)} belongs")
    conv.weight = _frozen(np.ascontiguousarray(kernel))


def _frozen(values: NDArray[np.float32]) -> nn.Parameter:
    return nn.Parameter(torch.from_numpy(values), requires_grad=False)


def _read(weights: Any, layer: str, name: str) -> NDArray[np.float32]:
    inner = weights[layer]
    return np.asarray(inner[next(iter(inner))][f"{name}:0"], np.float32)

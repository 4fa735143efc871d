"""From taught branches to one ONNX file in words that every back-end knows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from engines.audio_emotion.estimate import EMOTIONS
from engines.audio_emotion.functionals import BANDS, COUNT
from engines.audio_emotion.network import NAME, SPEC
from engines.audio_emotion.stretch import LENGTH
from engines.audio_emotion.training.branches import (
    ATTENTION,
    HEADS,
    LIMIT,
    WIDE,
    NumbersBranch,
    PictureBranch,
)
from engines.onnx_file import Graph


def export(
    numbers: Sequence[NumbersBranch],
    pictures: Sequence[PictureBranch],
    shares: tuple[float, float],
    notes: dict[str, str],
) -> bytes:
    """Return an ONNX file whose logits are a weighted mean of the branches'.

    Args:
        numbers: branches that hear by functionals.
        pictures: branches that hear by contours.
        shares: weights of either kind, the temperature included.
        notes: what the file says of itself.
    """
    graph = Graph(NAME)
    graph.inputs = [(t.name, t.shape, t.dtype) for t in SPEC.inputs]
    graph.outputs = [(t.name, t.shape, t.dtype) for t in SPEC.outputs]
    parts = [_numbers(graph, branch.eval(), shares[0] / len(numbers)) for branch in numbers]
    parts += [_picture(graph, branch.eval(), shares[1] / len(pictures)) for branch in pictures]
    total = parts[0]
    for part in parts[1:]:
        total = graph.add("Add", total, part)
    graph.name_output(_reshape(graph, total, (1, len(EMOTIONS))), "logits")
    return graph.encode(notes)


def save(path: Path, data: bytes) -> None:
    """Write a file that is whole or not there."""
    part = path.with_suffix(".part")
    part.write_bytes(data)
    part.replace(path)


def _numbers(graph: Graph, branch: NumbersBranch, share: float) -> str:
    mean, spread = (_array(branch.get_buffer(name)) for name in ("mean", "spread"))
    value = graph.add("Sub", "numbers", graph.floats(mean))
    value = graph.add("Div", value, graph.floats(spread))
    value = graph.add("Clip", value, graph.floats(-LIMIT), graph.floats(LIMIT))
    value = _reshape(graph, value, (1, COUNT, 1, 1))
    return _scaled(graph, _layers(graph, value, branch.layers), share)


def _picture(graph: Graph, branch: PictureBranch, share: float) -> str:
    picture = graph.add("Unsqueeze", "picture", graph.constant([1]))
    mask = graph.add("Clip", "heard", graph.floats(0.0), graph.floats(1.0))
    mask = _reshape(graph, mask, (1, 1, LENGTH, 1))
    bands = _columns(graph, picture, 0, BANDS)
    found = _layers(graph, graph.add("Mul", bands, mask), branch.pictures)
    channels = _width(branch.pictures)
    found = graph.add("Transpose", found, perm=(0, 1, 3, 2))
    found = _reshape(graph, found, (1, channels * 4, LENGTH // 8, 1))
    spoken = graph.add("Mul", _prosody(graph, picture, bands), mask)
    found = graph.add("Concat", found, _layers(graph, spoken, branch.prosody), axis=1)
    mask = graph.add("MaxPool", mask, kernel_shape=(8, 1), strides=(8, 1), pads=(0, 0, 0, 0))
    found = _layers(graph, graph.add("Mul", found, mask), branch.joint)
    given = _layers(graph, found, branch.attention)
    given = graph.add("Clip", given, *(graph.floats(bound) for bound in ATTENTION))
    given = graph.add("Div", given, graph.add("Sub", graph.floats(1.0), given))
    root = _reshape(graph, graph.add("Mul", given, mask), (1, HEADS, 1, LENGTH // 8))
    found = _reshape(graph, found, (1, HEADS, WIDE // HEADS, LENGTH // 8))
    pooled = graph.add("Concat", *_pooled(graph, found, root), axis=1)
    return _scaled(graph, _layers(graph, pooled, branch.head), share)


def _pooled(graph: Graph, found: str, root: str) -> list[str]:
    """Return the mean over time and the spread, as attention weighs the moments."""
    weight = graph.add("Mul", root, root)
    total = graph.add("Add", _sum(graph, weight), graph.floats(1e-6))
    mean = graph.add("Div", _sum(graph, graph.add("Mul", found, weight)), total)
    off = graph.add("Mul", graph.add("Sub", found, mean), root)
    length = graph.add("ReduceL2", off, axes=(3,), keepdims=1)
    total = graph.add("ReduceL2", root, axes=(3,), keepdims=1)
    spread = graph.add("Div", length, graph.add("Add", total, graph.floats(1e-3)))
    return [_reshape(graph, part, (1, WIDE, 1, 1)) for part in (mean, spread)]


def _prosody(graph: Graph, picture: str, bands: str) -> str:
    clear = _columns(graph, picture, BANDS + 1, BANDS + 2)
    steep = graph.add("Mul", clear, graph.floats(12.0))
    voiced = graph.add("Sigmoid", graph.add("Sub", steep, graph.floats(6.0)))
    pitch = graph.add("Sub", _columns(graph, picture, BANDS, BANDS + 1), graph.floats(1.0))
    pitch = graph.add("Mul", pitch, voiced)
    loudness = graph.add("Add", _mean(graph, bands), graph.floats(2.0))
    low = _mean(graph, _columns(graph, picture, 0, 24))
    high = _mean(graph, _columns(graph, picture, 32, BANDS))
    tilt = graph.add("Sub", low, high)
    return graph.add("Concat", pitch, voiced, clear, loudness, tilt, axis=1)


def _layers(graph: Graph, value: str, layers: nn.Module) -> str:
    """Append convolutions, each with the normalisation that follows it, and what lies between."""
    flat = [m for m in layers.modules() if not list(m.children()) and not _only_taught(m)]
    at = 0
    while at < len(flat):
        module = flat[at]
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            after = flat[at + 1] if at + 1 < len(flat) else None
            folded = after if isinstance(after, (nn.BatchNorm1d, nn.BatchNorm2d)) else None
            value = _convolution(graph, value, module, folded)
            at += 1 if folded is None else 2
            continue
        if isinstance(module, nn.BatchNorm2d):
            scale, shift = _affine(module)
            value = graph.add("Mul", value, graph.floats(scale[None, :, None, None]))
            value = graph.add("Add", value, graph.floats(shift[None, :, None, None]))
        else:
            value = graph.add(_WORDS[type(module)], value)
        at += 1
    return value


_WORDS: dict[type[nn.Module], str] = {nn.ReLU: "Relu", nn.Sigmoid: "Sigmoid"}


def _only_taught(module: nn.Module) -> bool:
    return isinstance(module, (nn.Dropout, nn.Dropout2d))


def _convolution(
    graph: Graph,
    value: str,
    module: nn.Conv2d | nn.Linear,
    norm: nn.BatchNorm1d | nn.BatchNorm2d | None,
) -> str:
    weight = _array(module.weight)
    weight = weight[:, :, None, None] if weight.ndim == 2 else weight
    bias = np.zeros(len(weight)) if module.bias is None else _array(module.bias)
    if norm is not None:
        scale, shift = _affine(norm)
        weight, bias = weight * scale[:, None, None, None], bias * scale + shift
    top, left = _pair(module, "padding", 0)
    return graph.add(
        "Conv",
        value,
        graph.floats(weight),
        graph.floats(bias),
        kernel_shape=weight.shape[2:],
        strides=_pair(module, "stride", 1),
        pads=(top, left, top, left),
        group=int(getattr(module, "groups", 1)),
    )


def _pair(module: nn.Module, name: str, otherwise: int) -> tuple[int, int]:
    return cast("tuple[int, int]", getattr(module, name, (otherwise, otherwise)))


def _affine(norm: nn.BatchNorm1d | nn.BatchNorm2d) -> tuple[Any, Any]:
    mean, spread = (_array(norm.get_buffer(f"running_{name}")) for name in ("mean", "var"))
    scale = _array(norm.weight) / np.sqrt(spread + norm.eps)
    return scale, _array(norm.bias) - mean * scale


def _array(tensor: torch.Tensor) -> Any:
    return tensor.detach().numpy().astype(np.float64)


def _width(layers: nn.Module) -> int:
    return [m for m in layers.modules() if isinstance(m, nn.Conv2d)][-1].out_channels


def _columns(graph: Graph, value: str, first: int, last: int) -> str:
    return graph.add("Slice", value, *(graph.constant([n]) for n in (first, last, 3)))


def _mean(graph: Graph, value: str) -> str:
    return graph.add("ReduceMean", value, axes=(3,), keepdims=1)


def _sum(graph: Graph, value: str) -> str:
    return graph.add("ReduceSum", value, graph.constant([3]), keepdims=1)


def _scaled(graph: Graph, value: str, share: float) -> str:
    return graph.add("Mul", value, graph.floats(share))


def _reshape(graph: Graph, value: str, shape: tuple[int, ...]) -> str:
    return graph.add("Reshape", value, graph.constant(list(shape)))

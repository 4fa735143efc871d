"""From taught branches to one ONNX file in words that every back-end knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from engines.audio_emotion.estimate import EMOTIONS
from engines.audio_emotion.functionals import COUNT
from engines.audio_emotion.network import NAME, SPEC
from engines.audio_emotion.training.branches import (
    LIMIT,
    Members,
    NumbersBranch,
    PaperBranch,
    Shares,
)
from engines.onnx_file import Graph


def export(members: Members, shares: Shares, notes: dict[str, str]) -> bytes:
    """Return an ONNX file whose logits are a weighted mean of the branches'.

    Args:
        members: the branches.
        shares: weights of each kind.
        notes: what the file says of itself.
    """
    graph = Graph(NAME)
    graph.inputs = [(t.name, t.shape, t.dtype) for t in SPEC.inputs]
    graph.outputs = [(t.name, t.shape, t.dtype) for t in SPEC.outputs]
    numbers, paper = shares[0] / len(members.numbers), shares[1] / len(members.paper)
    parts = [_numbers(graph, branch.eval(), numbers) for branch in members.numbers]
    parts += [_paper(graph, branch.eval(), paper) for branch in members.paper]
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


def _paper(graph: Graph, branch: PaperBranch, share: float) -> str:
    shown = graph.add("Unsqueeze", "spectrogram", graph.constant([1]))
    found = _layers(graph, shown, branch.layers)
    found = graph.add("ReduceMean", found, axes=(2, 3), keepdims=1)
    return _scaled(graph, _layers(graph, found, branch.head), share)


def _layers(graph: Graph, value: str, layers: nn.Module) -> str:
    """Append convolutions, each with the normalisation that follows it, and what lies between."""
    leaves = (m for m in layers.modules() if not list(m.children()))
    flat = [m for m in leaves if not isinstance(m, nn.Dropout)]
    at = 0
    while at < len(flat):
        module = flat[at]
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            after = flat[at + 1] if at + 1 < len(flat) else None
            folded = after if isinstance(after, (nn.BatchNorm1d, nn.BatchNorm2d)) else None
            value = _convolution(graph, value, module, folded)
            at += 1 if folded is None else 2
            continue
        assert isinstance(module, nn.ReLU), module
        value = graph.add("Relu", value)
        at += 1
    return value


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


def _scaled(graph: Graph, value: str, share: float) -> str:
    return graph.add("Mul", value, graph.floats(share))


def _reshape(graph: Graph, value: str, shape: tuple[int, ...]) -> str:
    return graph.add("Reshape", value, graph.constant(list(shape)))

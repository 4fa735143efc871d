"""From weights to an ONNX file that every back-end reads, with the norms folded into the kernels.

Written operator by operator, as the landmark networks are: PyTorch's own exporter wants packages
that nothing else here needs.
"""

# ruff: noqa: TID253 - a module of networks; only who exports imports it

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from engines.engine import AUTO, EngineError, File, Options, open_engine
from engines.onnx_file import Graph
from engines.spec import Array, Spec, Tensor
from engines.wav2lip_emotion import live, paper, signatures
from engines.wav2lip_emotion.expert import Expert
from engines.wav2lip_emotion.generator import Generator
from engines.wav2lip_emotion.layers import Conv, Deconv
from engines.wav2lip_emotion.live_network import (
    GRID,
    HABIT,
    HUE,
    SHADE,
    LiveGenerator,
    Step,
    Turned,
    oval,
)
from engines.wav2lip_emotion.training import State, TrainingError, load

CLOSE = 2e-3
"""How far a back-end's numbers may be from PyTorch's, for outputs of about 1."""


@dataclass(slots=True)
class Writer:
    """Appends layers to a graph; values are known by name."""

    graph: Graph

    def conv(self, x: str, conv: nn.Conv2d, norm: nn.BatchNorm2d | None = None) -> str:
        """Append a convolution with its norm."""
        weight, bias = _folded(conv, norm, 0)
        return self.graph.add("Conv", x, *self._constants(weight, bias), **_sizes(conv))

    def deconv(self, x: str, layer: Deconv) -> str:
        """Append a transposed convolution with norm and rectifier."""
        weight, bias = _folded(layer.conv, layer.norm, 1)
        sizes = _sizes(layer.conv)
        more = list(cast("tuple[int, int]", layer.conv.output_padding))
        y = self.graph.add(
            "ConvTranspose", x, *self._constants(weight, bias), **sizes, output_padding=more
        )
        return self.graph.add("Relu", y)

    def step(self, x: str, layer: Conv | Step) -> str:
        """Append a convolution with norm and rectifier, and its shortcut where it has one."""
        y = self.conv(x, layer.conv, layer.norm)
        if isinstance(layer, Conv) and layer.residual:
            y = self.graph.add("Add", y, x)
        return self.graph.add("Relu", y)

    def turned(self, x: str, condition: str, layer: Turned) -> str:
        """Append a residual step that a condition turns."""
        y = self.conv(x, layer.conv, layer.norm)
        gain, bias = self.conv(condition, layer.gain), self.conv(condition, layer.bias)
        y = self.graph.add("Add", y, self.graph.add("Mul", y, gain))
        y = self.graph.add("Add", self.graph.add("Add", x, y), bias)
        return self.graph.add("Relu", y)

    def chain(self, x: str, layers: nn.Module) -> str:
        """Append layers one after the other."""
        for layer in cast("Sequence[nn.Module]", layers):
            if isinstance(layer, (Conv, Step)):
                x = self.step(x, layer)
            elif isinstance(layer, Deconv):
                x = self.deconv(x, layer)
            elif isinstance(layer, nn.Conv2d):
                x = self.conv(x, layer)
            elif isinstance(layer, nn.Sequential):
                x = self.chain(x, layer)
            elif isinstance(layer, (nn.ReLU, nn.Sigmoid)):
                x = self.graph.add("Relu" if isinstance(layer, nn.ReLU) else "Sigmoid", x)
            else:
                raise TypeError(f"{type(layer).__name__} has no place in an exported file")
        return x

    def doubled(self, x: str) -> str:
        """Append a picture of twice the size, each pixel four times."""
        scales = self.graph.floats([1, 1, 2, 2])
        return self.graph.add(
            "Resize",
            x,
            "",
            scales,
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )

    def soft(self, x: str) -> str:
        """Append means of three by three."""
        window = {"kernel_shape": [3, 3], "strides": [1, 1], "pads": [1, 1, 1, 1]}
        return self.graph.add("AveragePool", x, **window, count_include_pad=0)

    def broad(self, x: str) -> str:
        """Append a softened picture of four times the size, without steps."""
        scales = self.graph.floats([1, 1, 4, 4])
        way = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
        return self.graph.add("Resize", self.soft(x), "", scales, **way)

    def _constants(self, weight: Array, bias: Array) -> tuple[str, str]:
        return self.graph.floats(weight), self.graph.floats(bias)


def _folded(
    conv: nn.Conv2d | nn.ConvTranspose2d, norm: nn.BatchNorm2d | None, axis: int
) -> tuple[Array, Array]:
    """Return kernel and bias with the norm in them; ``axis`` is that of the outputs."""
    weight = _doubles(conv.weight)
    outputs = weight.shape[axis]
    bias = np.zeros(outputs) if conv.bias is None else _doubles(conv.bias)
    if norm is not None:
        gain = _doubles(norm.weight) / np.sqrt(_doubles(norm.running_var) + norm.eps)
        shape = [1] * weight.ndim
        shape[axis] = outputs
        weight = weight * gain.reshape(shape)
        bias = (bias - _doubles(norm.running_mean)) * gain + _doubles(norm.bias)
    return weight.astype(np.float32), bias.astype(np.float32)


def _doubles(value: torch.Tensor | None) -> NDArray[np.float64]:
    return np.asarray(cast("torch.Tensor", value).detach(), np.float64)


def _sizes(conv: nn.Conv2d | nn.ConvTranspose2d) -> dict[str, list[int]]:
    kernel, stride, padding = (
        list(cast("tuple[int, int]", each))
        for each in (conv.kernel_size, conv.stride, conv.padding)
    )
    return {"kernel_shape": kernel, "strides": stride, "pads": padding * 2}


def write(checkpoint: Path, path: Path) -> float:
    """Write a trained network as ONNX, and return how far that is from it.

    Raises:
        TrainingError: the checkpoint holds none of these networks.
        EngineError: no back-end opens the file, or its numbers are others.
    """
    held = load(checkpoint)
    state = cast("State", held.get("state", held))
    kind = KINDS.get(str(state.get("kind")))
    if kind is None:
        raise TrainingError(f"{checkpoint} holds no generator and no expert")
    network = kind(float(state["width"]))
    network.load_state_dict(state["model"])
    path.write_bytes(onnx_of(network))
    return parity(network, path)


Known = Generator | LiveGenerator | Expert
"""Networks that are written."""

KINDS: Mapping[str, type[Generator] | type[LiveGenerator] | type[Expert]] = {
    "generator": Generator,
    "live": LiveGenerator,
    "expert": Expert,
}
"""By the word that a checkpoint has for them."""


def onnx_of(network: Known) -> bytes:
    """Return a network as a file."""
    if isinstance(network, Generator):
        return paper_onnx(network)
    return expert_onnx(network) if isinstance(network, Expert) else live_onnx(network)


def paper_onnx(network: Generator) -> bytes:
    """Return the paper's generator as a file; see ``paper.SPEC``."""
    graph = _graph(paper.SPEC)
    write = Writer(graph)
    skips: list[str] = []
    x = "faces"
    for encode in network.identity:
        x = write.chain(x, encode)
        skips.append(x)
    x = write.chain("mel", network.speech)
    for decode in network.decoder:
        x = graph.add("Concat", write.chain(x, decode), skips.pop(), axis=1)
    graph.name_output(write.chain(x, network.output), "drawn")
    return graph.encode()


def live_onnx(network: LiveGenerator) -> bytes:
    """Return the generator for calls as a file; see ``live.SPEC``."""
    graph = _graph(live.SPEC)
    write = Writer(graph)
    skips: list[str] = []
    x = "face"
    for step in cast("Sequence[Step]", network.down):
        x = write.step(x, step)
        skips.append(x)
    heard = graph.add("Concat", write.chain("speech", network.hear), "edit", axis=1)
    condition = write.chain(heard, network.mix)
    turns = cast("list[Turned]", list(network.turn))
    place = graph.floats(np.asarray(network.place.detach(), np.float32))
    x = graph.add("Add", skips.pop(), place)
    x = write.turned(write.turned(x, condition, turns[0]), condition, turns[1])
    for step, turn in zip(cast("Sequence[Step]", network.up), turns[2:], strict=True):
        x = write.step(graph.add("Concat", write.doubled(x), skips.pop(), axis=1), step)
        x = write.turned(x, condition, turn)
    weight = HABIT * np.asarray(network.habit.weight.detach(), np.float32)
    habit = graph.add("Conv", "edit", graph.floats(weight), kernel_shape=[1, 1])
    shape = graph.constant([1, 5, GRID, GRID])
    raw = graph.add("Add", write.conv(x, network.head), graph.add("Reshape", habit, shape))
    _give_fields(write, raw)
    return graph.encode()


def expert_onnx(network: Expert) -> bytes:
    """Return the lip-sync expert as a file; see ``signatures.EXPERT``."""
    graph = _graph(signatures.EXPERT)
    write = Writer(graph)
    ends = [write.chain("mel", network.hearing), write.chain("mouths", network.sight)]
    least = graph.floats([1e-12])  # as PyTorch has it, where a vector is nothing
    one, other = (
        graph.add("Div", end, graph.add("Max", graph.add("ReduceL2", end, axes=(1,)), least))
        for end in ends
    )
    both = graph.add("Mul", one, other)
    graph.name_output(graph.add("ReduceSum", both, graph.constant([1])), "agreement")
    return graph.encode()


def _give_fields(write: Writer, raw: str) -> None:
    graph = write.graph
    most = graph.add("Relu", graph.add("ReduceMax", "edit", axes=(1,), keepdims=1))
    strength = graph.add(
        "Min", graph.add("Mul", most, graph.floats([1 / live.FAINT])), graph.floats([1.0])
    )
    shift = graph.add("Tanh", _channels(graph, raw, 0, 2))
    colour = graph.add("Tanh", _channels(graph, raw, 2, 5))
    light = graph.add("ReduceMean", colour, axes=(1,), keepdims=1)
    hue = graph.add("Mul", graph.add("Sub", colour, light), graph.floats([HUE]))
    parts = {
        "shift": (write.soft(shift), live.REACH),
        "colour": (graph.add("Add", light, hue), SHADE * live.COLOUR),
    }
    for name, (part, reach) in parts.items():
        scaled = graph.add("Mul", part, graph.add("Mul", strength, graph.floats([reach])))
        graph.name_output(write.broad(scaled), name)
    face = graph.floats(np.asarray(oval(), np.float32))
    # Some back-ends want an output to come of an input.
    graph.name_output(
        graph.add("Add", face, graph.add("Mul", strength, graph.floats([0.0]))), "mask"
    )


def _channels(graph: Graph, x: str, first: int, last: int) -> str:
    bounds = (graph.constant([n]) for n in (first, last, 1))
    return graph.add("Slice", x, *bounds)


def _graph(spec: Spec) -> Graph:
    graph = Graph(spec.name)
    graph.inputs = [(t.name, t.shape, t.dtype) for t in spec.inputs]
    graph.outputs = [(t.name, t.shape, t.dtype) for t in spec.outputs]
    return graph


def parity(network: Known, path: Path, backends: Sequence[str] = AUTO) -> float:
    """Return how far a file's numbers are from the network's, on the first back-end that opens it.

    Raises:
        EngineError: no back-end opens the file, or they differ by more than ``CLOSE``.
    """
    spec = _spec_of(network)
    rng = np.random.default_rng(0)
    inputs: dict[str, Array] = {t.name: _random(t, rng) for t in spec.inputs}
    with torch.no_grad():
        given = [torch.from_numpy(inputs[t.name]) for t in spec.inputs]
        made = network.eval()(*given)
    wanted = [made] if isinstance(made, torch.Tensor) else list(made)
    engine = open_engine(spec, File(path), backends, Options()).engine
    try:
        out = engine(inputs)
        off = max(
            float(np.abs(out[tensor.name] - value.numpy().reshape(tensor.shape)).max())
            for tensor, value in zip(spec.outputs, wanted, strict=True)
        )
    finally:
        engine.close()
    if off > CLOSE:
        raise EngineError(f"{path}: {engine.backend} is off by {off:.2g} from PyTorch")
    return off


def _spec_of(network: Known) -> Spec:
    if isinstance(network, Generator):
        return paper.SPEC
    return signatures.EXPERT if isinstance(network, Expert) else live.SPEC


def _random(tensor: Tensor, rng: np.random.Generator) -> Array:
    return rng.uniform(-1, 1, tensor.shape).astype(np.float32)

"""PyTorch: eager on the processor; on an NVIDIA GPU, of any kind, as one recorded CUDA graph.

The ONNX file is walked through operator by operator, by the few that our importers write; so this
back-end needs neither a converter nor the network's own source, and shows what each means.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, cast

import onnx
import torch
from onnx import numpy_helper
from torch.nn import functional

from engines.engine import BackendUnavailable, Options
from engines.spec import Array, Dialect, Spec

Value = torch.Tensor
Attributes = dict[str, Any]

_TYPES = {1: torch.float32, 7: torch.int64, 10: torch.float16}
"""By ONNX's numbers."""


@dataclass(frozen=True, slots=True)
class Step:
    """One operator, ready to run."""

    run: Callable[..., Any]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Attributes


def dialect(options: Options) -> Dialect:
    """Return the words in which the network is wanted; its types are kept as they are."""
    return "half" if options.precision == "fp16" else "native"


def open(spec: Spec, onnx: Path, options: Options) -> TorchEngine:
    """Read the network; on a GPU, record it.

    Raises:
        BackendUnavailable: the precision is not to be had, or an operator is not known here.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if options.precision == "bf16" or (options.precision == "fp16" and device == "cpu"):
        raise BackendUnavailable(f"{options.precision} is not run on the {device}; fp32 is")
    return TorchEngine(spec, onnx, device, options)


class TorchEngine:
    """A network on PyTorch; what it returns is copied out of its own memory."""

    def __init__(self, spec: Spec, path: Path, device: str, options: Options) -> None:
        self.spec = spec
        graph = onnx.load(str(path)).graph
        self._steps = [_step(node) for node in graph.node]
        self._constants = {
            tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()).to(device)
            for tensor in graph.initializer
        }
        # Shapes and indices are read on the processor: a recorded graph cannot wait for them.
        self._host = {
            name: value.cpu()
            for name, value in self._constants.items()
            if value.dtype == torch.int64
        }
        self._lock = Lock()
        self._device = device
        name = torch.cuda.get_device_name() if device == "cuda" else "CPU"
        self.backend = f"torch {torch.__version__} on {name}, {options.precision}"
        self._inputs = {t.name: _empty(t.shape, t.dtype, device) for t in spec.inputs}
        self._recorded: Any = None
        self._outputs: dict[str, Value] = {}
        if device == "cuda":
            self._record()

    def __call__(self, inputs: dict[str, Array], /) -> dict[str, Array]:
        """Run once."""
        wrong = self.spec.mismatch(inputs)
        if wrong:
            raise ValueError(wrong)
        with self._lock, torch.inference_mode():
            for name, array in inputs.items():
                self._inputs[name].copy_(torch.from_numpy(array))
            if self._recorded is None:
                outputs = self._run()
            else:
                self._recorded.replay()
                outputs = self._outputs
            return {t.name: outputs[t.name].cpu().numpy().copy() for t in self.spec.outputs}

    def close(self) -> None:
        """Give back memory; idempotent."""
        self._recorded = None
        self._outputs, self._constants = {}, {}

    def _record(self) -> None:
        """Record one run; each later one is a single launch on the same memory."""
        with torch.inference_mode():
            stream = torch.cuda.Stream()
            with torch.cuda.stream(stream):
                for _ in range(3):  # libraries choose their ways in the first runs
                    self._run()
            torch.cuda.current_stream().wait_stream(stream)
            self._recorded = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self._recorded):
                self._outputs = self._run()

    def _run(self) -> dict[str, Value]:
        values: dict[str, Value] = {**self._constants, **self._inputs}
        for step in self._steps:
            arguments = [self._host.get(name, values.get(name)) for name in step.inputs]
            made: Any = step.run(*arguments, **step.attributes)
            several = made if len(step.outputs) > 1 else (made,)
            values.update(zip(step.outputs, cast("Sequence[Value]", several), strict=True))
        return {tensor.name: values[tensor.name] for tensor in self.spec.outputs}


def _empty(shape: tuple[int, ...], dtype: str, device: str) -> Value:
    return torch.zeros(shape, dtype=getattr(torch, dtype), device=device)


def _step(node: onnx.NodeProto) -> Step:
    if node.op_type not in _OPERATORS:
        raise BackendUnavailable(f"the operator {node.op_type} is not known here")
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    if node.op_type == "Split":
        attributes["count"] = len(node.output)
    run = _OPERATORS[node.op_type]
    return Step(run, tuple(node.input), tuple(node.output), attributes)


def _numbers(value: Value) -> list[int]:
    return cast("list[int]", value.tolist())


def _cast(x: Value, to: int) -> Value:
    return x.to(_TYPES[to])


def _concat(*xs: Value, axis: int) -> Value:
    return torch.cat(xs, axis)


def _conv(x: Value, w: Value, b: Value | None = None, **a: Any) -> Value:
    top, left, bottom, right = a.get("pads", (0, 0, 0, 0))
    if (top, left) != (bottom, right):
        x, top, left = functional.pad(x, (left, right, top, bottom)), 0, 0
    stride = tuple(a.get("strides", (1, 1)))
    return functional.conv2d(x, w, b, stride, (top, left), groups=a.get("group", 1))


def _pool(x: Value, kernel_shape: list[int], strides: list[int], pads: list[int]) -> Value:
    top, left, bottom, right = pads
    x = functional.pad(x, (left, right, top, bottom), value=float("-inf"))
    return functional.max_pool2d(x, tuple(kernel_shape), tuple(strides))


def _prelu(x: Value, slope: Value) -> Value:
    return torch.where(x < 0, x * slope, x)


def _identity(x: Value) -> Value:
    return x


def _reshape(x: Value, shape: Value) -> Value:
    return x.reshape(_numbers(shape))


def _expand(x: Value, shape: Value) -> Value:
    return x.expand(_numbers(shape))


def _transpose(x: Value, perm: list[int]) -> Value:
    return x.permute(perm)


def _unsqueeze(x: Value, axes: Value) -> Value:
    (axis,) = _numbers(axes)
    return x.unsqueeze(axis)


def _split(x: Value, axis: int, count: int) -> tuple[Value, ...]:
    return torch.chunk(x, count, axis)


def _slice(x: Value, starts: Value, ends: Value, axes: Value) -> Value:
    for start, end, axis in zip(*map(_numbers, (starts, ends, axes)), strict=True):
        x = x.narrow(axis, start, end - start)
    return x


def _gather(x: Value, index: Value, axis: int = 0) -> Value:
    chosen = torch.index_select(x, axis, index.reshape(-1).to(x.device))
    return chosen.reshape(*x.shape[:axis], *index.shape, *x.shape[axis + 1 :])


def _largest(x: Value, axes: list[int], keepdims: int) -> Value:
    return x.amax(axes, bool(keepdims))


def _smallest(x: Value, axes: list[int], keepdims: int) -> Value:
    return x.amin(axes, bool(keepdims))


def _mean(x: Value, axes: list[int], keepdims: int) -> Value:
    return x.mean(axes, bool(keepdims))


def _length(x: Value, axes: list[int], keepdims: int) -> Value:
    return x.square().sum(axes, bool(keepdims)).sqrt()


def _sum(x: Value, axes: Value, keepdims: int) -> Value:
    return x.sum(_numbers(axes), bool(keepdims))


def _sample(x: Value, grid: Value, align_corners: int, mode: bytes, padding_mode: bytes) -> Value:
    return functional.grid_sample(
        x, grid, mode.decode(), padding_mode.decode(), align_corners=bool(align_corners)
    )


_OPERATORS: dict[str, Callable[..., Any]] = {
    "Abs": torch.abs,
    "Add": torch.add,
    "Cast": _cast,
    "Clip": torch.clamp,
    "Concat": _concat,
    "Conv": _conv,
    "Div": torch.div,
    "Expand": _expand,
    "Gather": _gather,
    "Greater": torch.gt,
    "GridSample": _sample,
    "Identity": _identity,
    "Max": torch.maximum,
    "MaxPool": _pool,
    "Min": torch.minimum,
    "Mul": torch.mul,
    "PRelu": _prelu,
    "ReduceL2": _length,
    "ReduceMax": _largest,
    "ReduceMean": _mean,
    "ReduceMin": _smallest,
    "ReduceSum": _sum,
    "Relu": torch.relu,
    "Reshape": _reshape,
    "Sigmoid": torch.sigmoid,
    "Slice": _slice,
    "Split": _split,
    "Sub": torch.sub,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
    "Where": torch.where,
}

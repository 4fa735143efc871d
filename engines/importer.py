"""From a TensorFlow Lite network to the same one as ONNX, without the libraries of either.

Pictures turn from [N, H, W, C] to [N, C, H, W] on the way, weights stored as fp16 become fp32, and
what a file's own operators do (``custom``) is said by whoever knows them.

Branches that run side by side through operators of the same kind and size are put into one: their
channels lie side by side in one tensor, and each operator works on all of them at once, in groups.
On pictures of 16x16 and less most of the time goes into starting an operator, not into its sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engines.onnx_file import Graph
from engines.spec import Dialect
from engines.tflite import Network, Operator, Tensor, TfliteError

Steps = Sequence[Operator]
Custom = Callable[["Importer", Steps], None]


class Importer:
    """Walks through a network and appends each operator to an ONNX graph.

    Args:
        network: what is read.
        graph: what is written; the caller names its inputs and outputs.
        custom: how each operator of the file's own is put into words.
        dialect: which words to use where there are two, see ``engines.spec``.
    """

    def __init__(
        self,
        network: Network,
        graph: Graph,
        custom: Mapping[str, Custom],
        *,
        dialect: Dialect = "native",
    ) -> None:
        self.network = network
        self.graph = graph
        self._custom = custom
        self.dialect = dialect
        self._names: dict[int, str] = {}
        self._bundles: dict[tuple[int, ...], str] = {}
        self._members: dict[int, tuple[int, ...]] = {}
        self._constants = {
            i: tensor.data for i, tensor in enumerate(network.tensors) if tensor.data is not None
        }

    def run(self, *inputs: str) -> list[str]:
        """Append every operator, feeding ``inputs``; return the names of the outputs."""
        given = [self.as_picture(name) for name in inputs]
        self._names.update(zip(self.network.inputs, given, strict=True))
        for steps in self._side_by_side():
            kind = steps[0].kind
            if kind in self._custom:
                self._custom[kind](self, steps)
            elif kind in _STEPS:
                _STEPS[kind](self, steps)
            else:
                raise TfliteError(f"operator {kind} is not known here")
        return [self.as_floats(self.name(i)) for i in self.network.outputs]

    def as_picture(self, name: str) -> str:
        """Return a value in the precision that pictures have."""
        return self.graph.add("Cast", name, to=10) if self.dialect == "half" else name

    def as_floats(self, name: str) -> str:
        """Return a value, a picture's perhaps, as fp32."""
        return self.graph.add("Cast", name, to=1) if self.dialect == "half" else name

    def weights(self, value: NDArray[Any]) -> str:
        """Store what pictures are multiplied or added with, in their precision."""
        kind = np.float16 if self.dialect == "half" else np.float32
        return self.graph.constant(np.ascontiguousarray(value, kind))

    def _side_by_side(self) -> Iterator[Steps]:
        """Yield the operators, those that branches have in common together."""
        for steps in (s for s in self.network.operators if s.kind == "DEQUANTIZE"):
            self._constants[steps.outputs[0]] = self.constant(steps.inputs[0])
        rest = (s for s in self.network.operators if s.kind != "DEQUANTIZE")
        for (kind, *_), steps in groupby(rest, self._likeness):
            alike = list(steps)
            if kind in _JOINABLE or kind in self._custom:
                yield alike
            else:
                yield from ([step] for step in alike)

    def _likeness(self, step: Operator) -> tuple[Any, ...]:
        shapes = tuple(self.tensor(i).shape for i in (*step.inputs, *step.outputs))
        return (step.kind, shapes, tuple(sorted(step.options.items())))

    def tensor(self, number: int) -> Tensor:
        """Return what the file says of a tensor."""
        return self.network.tensors[number]

    def name(self, number: int) -> str:
        """Return what a tensor is called in the graph; a constant is stored at its first use."""
        if number not in self._names and number in self._members:
            members = self._members[number]
            parts = self.graph.split(self._bundles[members], axis=1, count=len(members))
            self._names.update(zip(members, parts, strict=True))
        elif number not in self._names:
            self._names[number] = self.graph.constant(self.constant(number))
        return self._names[number]

    def joined(self, numbers: Sequence[int]) -> str:
        """Return the name of arrays side by side along axis 1, as the channels of pictures are."""
        if len(numbers) == 1:
            return self.name(numbers[0])
        key = tuple(numbers)
        if key not in self._bundles:
            parts = [self.name(number) for number in numbers]
            self._bundles[key] = self.graph.add("Concat", *parts, axis=1)
        return self._bundles[key]

    def constant(self, number: int) -> NDArray[Any]:
        """Return a constant's value, fp16 widened."""
        if number not in self._constants:
            raise TfliteError(f"{self.tensor(number).name!r} should be a constant")
        value = self._constants[number]
        return value.astype(np.float32) if value.dtype == np.float16 else value

    def constants(self, steps: Steps, which: int) -> NDArray[Any]:
        """Return one constant input of all ``steps`` after another, as [steps, ...]."""
        return np.stack([self.constant(step.inputs[which]) for step in steps])

    def give(self, step: Operator, name: str) -> None:
        """Note that ``name`` is what ``step`` gives."""
        (number,) = step.outputs
        self._names[number] = name

    def give_all(self, steps: Steps, name: str) -> None:
        """Note that ``name`` has what each of ``steps`` gives, side by side."""
        if len(steps) == 1:
            self.give(steps[0], name)
            return
        members = tuple(step.outputs[0] for step in steps)
        self._bundles[members] = name
        self._members.update((member, members) for member in members)

    # One method an operator.

    def convolve(self, steps: Steps) -> None:
        """Convolve; each kernel is stored as [out, H, W, in]."""
        _refuse(steps, activation=3, dilations=(4, 5))
        weights = self.constants(steps, 1).transpose(0, 1, 4, 2, 3)
        self._convolve(steps, weights.reshape(-1, *weights.shape[2:]), len(steps))

    def convolve_depthwise(self, steps: Steps) -> None:
        """Convolve each channel by itself; each kernel is stored as [1, H, W, channels]."""
        _refuse(steps, activation=4, dilations=(5, 6))
        weights = self.constants(steps, 1).transpose(0, 4, 1, 2, 3)
        weights = weights.reshape(-1, *weights.shape[2:])
        self._convolve(steps, weights, len(weights))

    def _convolve(self, steps: Steps, weights: NDArray[Any], groups: int) -> None:
        options = steps[0].options
        strides, size = (options[2], options[1]), (int(weights.shape[2]), int(weights.shape[3]))
        name = self.graph.add(
            "Conv",
            self.joined([step.inputs[0] for step in steps]),
            self.weights(weights),
            self.weights(self.constants(steps, 2).reshape(-1)),
            group=groups, kernel_shape=size, strides=strides,
            pads=self._pads(steps[0], size, strides),
        )  # fmt: skip
        self.give_all(steps, name)

    def pool(self, steps: Steps) -> None:
        """Take the largest of each window."""
        _refuse(steps, activation=5)
        options = steps[0].options
        strides, size = (options[2], options[1]), (options[4], options[3])
        name = self.graph.add(
            "MaxPool", self.joined([step.inputs[0] for step in steps]), kernel_shape=size,
            strides=strides, pads=self._pads(steps[0], size, strides),
        )  # fmt: skip
        self.give_all(steps, name)

    def _pads(
        self, step: Operator, size: tuple[int, int], strides: tuple[int, int]
    ) -> tuple[int, int, int, int]:
        """Return top, left, bottom, right; of an odd padding, TensorFlow puts more at the end."""
        if step.options.get(0, 0) == 1:  # VALID
            return (0, 0, 0, 0)
        sides = self.tensor(step.inputs[0]).shape[1:3]
        wholes = [
            max(0, (-(-side // stride) - 1) * stride + window - side)
            for side, window, stride in zip(sides, size, strides, strict=True)
        ]
        before = [whole // 2 for whole in wholes]
        after = [whole - less for whole, less in zip(wholes, before, strict=True)]
        return (before[0], before[1], after[0], after[1])

    def prelu(self, steps: Steps) -> None:
        """Scale what is negative, each channel by its own slope."""
        slope = self.constants(steps, 1).reshape(-1, 1, 1)
        value = self.joined([step.inputs[0] for step in steps])
        if self.dialect == "plain":
            scaled = self._scale(value, slope)
            above = self._scale(self.graph.add("Relu", value), 1 - slope)
            self.give_all(steps, self.graph.add("Add", scaled, above))
        else:
            self.give_all(steps, self.graph.add("PRelu", value, self.weights(slope)))

    def _scale(self, value: str, by: NDArray[Any]) -> str:
        """Scale each channel, as the convolution that it is."""
        weights = self.weights(by.reshape(-1, 1, 1, 1))
        return self.graph.add("Conv", value, weights, group=len(by), kernel_shape=(1, 1))

    def relu(self, steps: Steps) -> None:
        """Drop what is negative."""
        self.give_all(steps, self.graph.add("Relu", self.joined([s.inputs[0] for s in steps])))

    def add(self, steps: Steps) -> None:
        """Add two arrays of the same layout."""
        self._elementwise(steps, "Add")

    def multiply(self, steps: Steps) -> None:
        """Multiply element by element."""
        self._elementwise(steps, "Mul")

    def _elementwise(self, steps: Steps, kind: str) -> None:
        _refuse(steps, activation=0)
        both = [self.joined([step.inputs[i] for step in steps]) for i in (0, 1)]
        self.give_all(steps, self.graph.add(kind, *both))

    def pad(self, steps: Steps) -> None:
        """Add channels of zeros at the end, by a convolution that copies.

        Back-ends add its result to that of another convolution for nothing; ONNX's own Pad leaves
        their layout of channels, which costs more than the few sums.
        """
        amounts = self.constant(steps[0].inputs[1])
        if amounts[:3].any() or amounts[3, 0]:
            raise TfliteError("a pad of anything but channels at the end is not known here")
        channels = self.tensor(steps[0].inputs[0]).shape[3]
        copy = np.eye(channels + int(amounts[3, 1]), channels, dtype=np.float32)[:, :, None, None]
        weights = self.weights(np.tile(copy, (len(steps), 1, 1, 1)))
        value = self.joined([step.inputs[0] for step in steps])
        name = self.graph.add("Conv", value, weights, group=len(steps), kernel_shape=(1, 1))
        self.give_all(steps, name)

    def reshape(self, steps: Steps) -> None:
        """Give another shape, reading the pixels in TensorFlow's order."""
        (step,) = steps
        name, shape = self.channels_last(step.inputs[0]), self.tensor(step.outputs[0]).shape
        if len(shape) == 4 and shape[1:3] != (1, 1):
            raise TfliteError("a reshape to a picture is not known here")
        if len(shape) == 4:
            shape = (shape[0], shape[3], 1, 1)
        flat = self.graph.add("Reshape", name, self.graph.constant(shape))
        self.give(step, self.as_floats(flat))

    def channels_last(self, number: int) -> str:
        """Return a tensor's name in the order in which TensorFlow would have its elements."""
        shape = self.tensor(number).shape
        if len(shape) != 4 or shape[1:3] == (1, 1):
            return self.name(number)
        return self.graph.add("Transpose", self.name(number), perm=(0, 2, 3, 1))

    def concatenate(self, steps: Steps) -> None:
        """Put arrays that are no pictures one after another."""
        (step,) = steps
        if len(self.tensor(step.outputs[0]).shape) == 4:
            raise TfliteError("a concatenation of pictures is not known here")
        names = [self.name(i) for i in step.inputs]
        self.give(step, self.graph.add("Concat", *names, axis=step.options[0]))

    def slice_whole(self, steps: Steps) -> None:
        """Pass on: the only slices known here take everything."""
        (step,) = steps
        if self.tensor(step.inputs[0]).shape != self.tensor(step.outputs[0]).shape:
            raise TfliteError("a slice that takes a part is not known here")
        self.give(step, self.name(step.inputs[0]))


def _refuse(steps: Steps, activation: int, dilations: tuple[int, ...] = ()) -> None:
    """Refuse what the schema allows and no network of ours has."""
    for step in steps:
        if step.options.get(activation, 0) or any(step.options.get(d, 1) != 1 for d in dilations):
            raise TfliteError(f"{step.kind} with a fused activation or a dilation is not known")


_JOINABLE = ("CONV_2D", "DEPTHWISE_CONV_2D", "MAX_POOL_2D", "PRELU", "RELU", "ADD", "PAD")

_STEPS: dict[str, Callable[[Importer, Steps], None]] = {
    "ADD": Importer.add,
    "CONCATENATION": Importer.concatenate,
    "CONV_2D": Importer.convolve,
    "DEPTHWISE_CONV_2D": Importer.convolve_depthwise,
    "MAX_POOL_2D": Importer.pool,
    "MUL": Importer.multiply,
    "PAD": Importer.pad,
    "PRELU": Importer.prelu,
    "RELU": Importer.relu,
    "RESHAPE": Importer.reshape,
    "STRIDED_SLICE": Importer.slice_whole,
}

"""What a network takes and gives, independent of who runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

Dialect = Literal["native", "plain", "half"]
"""Which of several ways of saying the same a back-end is quickest with.

``native`` uses ONNX's own PRelu and GridSample. ``plain`` takes them apart: ONNX Runtime keeps
pictures in a layout of its own between the operators that know it, and those two do not. ``half``
is native with pictures and their weights as fp16; positions stay fp32.
"""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A named array of a fixed shape.

    Attributes:
        name: as the network's file has it.
        shape: its sizes; all are known, so that memory can be had in advance.
        dtype: NumPy's name of the type of its elements.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str = "float32"

    def empty(self) -> Array:
        """Return memory for one such array."""
        return np.empty(self.shape, self.dtype)


@dataclass(frozen=True, slots=True)
class Spec:
    """The signature of a network. State that it carries along is an ordinary input and output."""

    name: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]

    def mismatch(self, arrays: dict[str, Array]) -> str | None:
        """Return what is wrong with ``arrays`` as inputs in one sentence, or None."""
        if arrays.keys() != {tensor.name for tensor in self.inputs}:
            wanted = ", ".join(tensor.name for tensor in self.inputs)
            return f"{self.name} takes {wanted}, not {', '.join(arrays) or 'nothing'}"
        for tensor in self.inputs:
            array = arrays[tensor.name]
            if array.shape != tensor.shape or array.dtype != tensor.dtype:
                return (
                    f"{self.name} takes {tensor.name} as {tensor.dtype} {list(tensor.shape)}, "
                    f"not {array.dtype} {list(array.shape)}"
                )
        return None

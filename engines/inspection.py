"""What a TensorRT engine turned out to be, read from the listing that its builder makes of it.

An engine can be loaded, and asked, only where its GPU's driver is. But with all its details asked
for, the builder tells of the engine that it has just built in the inspector's own words, one line a
kernel and one a tensor that goes in or out, on any machine.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

HEAD, PORTS = "Layers:", "I/O Tensors:"

_KERNEL = re.compile(
    r"^Name: (?P<name>.*?), LayerType: (?P<kind>\w+), Inputs: \[(?P<inputs>.*?)\]"
    r"(?:, Constants: \[(?P<constants>.*?)\])?, Outputs: \[(?P<outputs>.*?)\], TacticName",
    re.MULTILINE,
)
_TENSOR = re.compile(r"Name: ([^,]+), Dimensions: \[([\d,]*)\].*?Datatype: (\w+)")
_PORT = re.compile(r"Name: ([^,]+), IOMode: (\w+), DataType: (\w+), Dimensions: \[([\d,]*)\]")


@dataclass(frozen=True, slots=True)
class Port:
    """A tensor of the engine; its type is in TensorRT's words: ``float``, ``half``, ``uint8``."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.name} {self.dtype} {list(self.shape)}"


@dataclass(frozen=True, slots=True)
class Kernel:
    """One launch on the GPU.

    Attributes:
        name: TensorRT's own, made of what was fused.
        kind: ``correlation`` is a convolution, ``kgen`` a kernel generated for what lies between.
        inputs: pictures or numbers that it reads.
        constants: weights that it reads.
        outputs: what it writes.
    """

    name: str
    kind: str
    inputs: tuple[Port, ...]
    constants: tuple[Port, ...]
    outputs: tuple[Port, ...]

    @property
    def precision(self) -> str:
        """The type of what it writes first."""
        return self.outputs[0].dtype if self.outputs else "none"


@dataclass(frozen=True, slots=True)
class Inspection:
    """An engine as built."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    kernels: tuple[Kernel, ...]

    def precisions(self) -> str:
        """Return how many kernels write which type, the most frequent first."""
        kinds = Counter(kernel.precision for kernel in self.kernels)
        return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())


def read(listing: str) -> Inspection:
    """Return what ``listing`` says.

    Raises:
        ValueError: it is not such a listing.
    """
    body, found, ports = listing.partition(PORTS)
    kernels = tuple(_kernel(match) for match in _KERNEL.finditer(body))
    if not listing.startswith(HEAD) or not found or not kernels:
        raise ValueError("this is no listing of an engine's kernels and tensors")
    told = [
        (mode, Port(name, kind.lower(), _shape(dims))) for name, mode, kind, dims in _all(ports)
    ]
    inputs, outputs = (tuple(p for mode, p in told if mode == m) for m in ("Input", "Output"))
    return Inspection(inputs, outputs, kernels)


def _all(ports: str) -> Sequence[tuple[str, str, str, str]]:
    return _PORT.findall(ports)


def _kernel(match: re.Match[str]) -> Kernel:
    inputs, constants, outputs = (
        tuple(
            Port(name.strip(), kind.lower(), _shape(dims))
            for name, dims, kind in _TENSOR.findall(match[part] or "")
        )
        for part in ("inputs", "constants", "outputs")
    )
    return Kernel(match["name"], match["kind"], inputs, constants, outputs)


def _shape(dims: str) -> tuple[int, ...]:
    return tuple(int(size) for size in dims.split(",") if size)

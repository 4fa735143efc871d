"""Which network runs where on this machine, with what numbers, and why on nothing faster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engines.cache import Cache
from engines.engine import AUTO, EngineError, Options, open_engine
from engines.networks import Network, known
from engines.placement import Placement
from engines.spec import Array, Spec, Tensor

REFERENCE = "onnxruntime"
"""Whose numbers the others' are compared with."""

TOLERANCE: Mapping[str, float] = {"fp32": 1e-4, "fp16": 1e-2, "bf16": 1e-1}
"""How far an output may be off, as a share of the span of the reference's."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a back-end's numbers are worth.

    Attributes:
        network: its name.
        backend: whose numbers they are.
        off: how far the worst is from the reference, as a share of its span; None: it did not run.
        fault: what is wrong, in one sentence; None when nothing is.
    """

    network: str
    backend: str
    off: float | None
    fault: str | None


def placements(
    networks: Mapping[str, Network], backends: Sequence[str], options: Options
) -> Iterator[Placement]:
    """Try each network on the back-ends in their order."""
    for name, network in networks.items():
        try:
            opened = open_engine(network.spec, network.weights, backends, options)
        except EngineError as error:
            yield Placement(name, None, error.reasons)
            continue
        yield Placement(name, opened.engine.backend, opened.refused)
        opened.engine.close()


def survey_networks() -> Iterator[Placement]:
    """Return where a call would run the networks, with what is built already."""
    cache = Cache()
    return placements(known(cache), AUTO, Options(build=False, cache=cache))


def verify(
    networks: Mapping[str, Network], backends: Sequence[str], options: Options
) -> Iterator[Verdict]:
    """Run each network on each back-end and compare.

    Raises:
        EngineError: there is no reference to compare with.
    """
    for name, network in networks.items():
        given = pattern(network.spec)
        expected = _run(network, REFERENCE, Options(cache=options.cache), given)
        for backend in (b for b in backends if b != REFERENCE):
            try:
                found = _run(network, backend, options, given)
            except EngineError as error:
                yield Verdict(name, backend, None, error.reasons.get(backend, str(error)))
                continue
            off = max(_off(found[t.name], expected[t.name]) for t in network.spec.outputs)
            most = TOLERANCE[options.precision]
            fault = None if off <= most else f"off by {off:.1%} of its span, {most:.2%} is allowed"
            yield Verdict(name, backend, off, fault)


def pattern(spec: Spec) -> dict[str, Array]:
    """Return inputs that are the same each time: soft waves, as pictures have them."""
    return {tensor.name: _waves(tensor) for tensor in spec.inputs}


def _waves(tensor: Tensor) -> Array:
    along = [np.linspace(0, 3 + axis, size) for axis, size in enumerate(tensor.shape)]
    value = np.sin(sum(np.meshgrid(*along, indexing="ij"), np.zeros(tensor.shape)) * 2)
    if tensor.dtype == "uint8":
        return np.rint((value + 1) * 127.5).astype(np.uint8)
    return value.astype(tensor.dtype)


def _run(
    network: Network, backend: str, options: Options, inputs: dict[str, Array]
) -> Mapping[str, Array]:
    engine = open_engine(network.spec, network.weights, [backend], options).engine
    try:
        return engine(inputs)
    finally:
        engine.close()


def _off(found: Array, expected: Array) -> float:
    span = max(float(np.ptp(expected)), 1.0)
    return float(np.abs(found - expected).max()) / span

"""``visavis bench tensorrt``: each network's engine for each GPU that TensorRT for RTX builds for.

Each is built anew, here, with or without a GPU; what it takes and gives is compared with what the
network should, and its kernels are counted by the type that they write. Where there is a GPU, the
engines for it, and PyTorch's recorded graphs beside them, also run: how long, and how far off.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from bench.report import Row, table, write_json
from engines import gpu
from engines.backends import tensorrt
from engines.cache import Cache
from engines.engine import BackendUnavailable, EngineError, Options, Precision, open_engine
from engines.inspection import Inspection
from engines.networks import Network, known
from engines.spec import Spec
from engines.survey import pattern, verify

PRECISIONS = ("fp32", "fp16")

TYPES = {"float32": "float", "float16": "half"}
"""NumPy's names of types in TensorRT's words, where they differ."""

RUNS, WARM_UP = 300, 30


def run(argv: Sequence[str]) -> int:
    """Build, inspect, run where that is possible; print a table and write JSON where asked."""
    parser = argparse.ArgumentParser("visavis bench tensorrt", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="F", help="write the rows to F")
    parser.add_argument("--network", nargs="+", metavar="NAME", help="only these")
    parser.add_argument("--gpu", nargs="+", choices=tensorrt.CAPABILITIES, metavar="SM89")
    args = parser.parse_args(argv)
    networks = {
        name: network
        for name, network in known(Cache()).items()
        if not args.network or name in args.network
    }
    try:
        rows = list(_built(networks, args.gpu or tensorrt.CAPABILITIES))
    except ImportError as error:
        print(f"skipped: TensorRT is not installed ({error})")
        return 0
    found = gpu.find()
    if found is None:
        print("there is no NVIDIA GPU here: engines are built and inspected, and not run")
    else:
        rows += _ran(networks)
    print(table(rows))
    faults = [row for row in rows if row.extra.get("fault")]
    print(f"{len(rows) - len(faults)} of {len(rows)} are as they should be")
    if args.json:
        write_json(rows, args.json)
    return 1 if faults else 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """One engine: of which network, in which precision, for which GPUs."""

    network: Network
    precision: Precision
    capability: str

    def build(self) -> Row:
        """Build it and say what it is.

        Raises:
            ImportError: TensorRT is not installed.
        """
        spec = self.network.spec
        name = f"{spec.name} | {self.precision} | {self.capability}"
        options = Options(precision=self.precision)
        onnx = self.network.weights.onnx(tensorrt.dialect(options))
        start = time.perf_counter()
        try:
            plan, built = tensorrt.inspect(spec, onnx, self.capability, options)
        except (BackendUnavailable, ValueError) as error:
            return Row(name, extra={"fault": str(error)})
        spent = time.perf_counter() - start
        return Row(
            name,
            extra={
                "build_s": round(spent, 2),
                "kib": len(plan) // 1024,
                "kernels": len(built.kernels),
                "by_type": built.precisions(),
                "inputs": ", ".join(map(str, built.inputs)),
                "outputs": ", ".join(map(str, built.outputs)),
                "fault": fault(spec, self.precision, built),
            },
        )


def fault(spec: Spec, precision: str, built: Inspection) -> str | None:
    """Return what an engine does otherwise than its network asks for, in one sentence, or None."""
    for wanted, ports in ((spec.inputs, built.inputs), (spec.outputs, built.outputs)):
        asked = {(t.name, TYPES.get(t.dtype, t.dtype), t.shape) for t in wanted}
        found = {(port.name, port.dtype, port.shape) for port in ports}
        if asked != found:
            return f"it has {sorted(found - asked)} where {sorted(asked - found)} were asked for"
    kinds = {kernel.precision for kernel in built.kernels if kernel.kind == "correlation"}
    right = {"fp32": "float", "fp16": "half"}[precision]
    if kinds - {right}:
        return f"convolutions write {', '.join(sorted(kinds))} instead of {right}"
    return None


def _built(networks: dict[str, Network], capabilities: Sequence[str]) -> Iterator[Row]:
    for network in networks.values():
        for precision in PRECISIONS:
            assert precision in get_args(Precision)
            for capability in capabilities:
                yield Wanted(network, cast("Precision", precision), capability).build()


def _ran(networks: dict[str, Network]) -> Iterator[Row]:
    """Run every network on the GPU, in and out of the host's memory."""
    for name, network in networks.items():
        for backend in ("tensorrt", "torch"):
            for precision in PRECISIONS:
                yield _timed(name, network, backend, cast("Precision", precision))


def _timed(name: str, network: Network, backend: str, precision: Precision) -> Row:
    options = Options(precision=precision)
    title = f"{name} | {backend} {precision}, run"
    try:
        engine = open_engine(network.spec, network.weights, [backend], options).engine
    except EngineError as error:
        return Row(title, extra={"fault": str(error)})
    given, spent = pattern(network.spec), list[int]()
    for _ in range(WARM_UP + RUNS):
        start = time.perf_counter_ns()
        engine(given)
        spent.append(time.perf_counter_ns() - start)
    engine.close()
    (verdict,) = verify({name: network}, [backend], options)
    return Row.of(
        title, spent[WARM_UP:], runs_on=engine.backend, off=verdict.off, fault=verdict.fault
    )

"""NVIDIA's TensorRT, in both of its kinds, which differ in their module's name.

*TensorRT for RTX* is the one for people's own cards, GeForce and RTX: it builds an engine on any
machine, with or without a GPU, in seconds. Data-centre GPUs need the full TensorRT. What is built
is kept: see ``engines.cache``.
"""

from __future__ import annotations

import importlib
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

from engines import gpu, inspection
from engines.cache import Key, Made
from engines.engine import BackendUnavailable, Options
from engines.spec import Array, Dialect, Spec, Tensor

RTX, FULL = "tensorrt_rtx", "tensorrt"

CAPABILITIES = ("SM75", "SM80", "SM86", "SM89", "SM120", "SM121")
"""What TensorRT for RTX builds for: Turing to Blackwell, but not the data centre's Hopper."""


SETTINGS = "types as in the network, all details kept"
"""How engines are built; part of what they depend on."""


def library(capability: str) -> Any:
    """Return TensorRT for a GPU of ``capability``.

    Raises:
        ImportError: the kind that this GPU needs is not installed.
    """
    if capability in CAPABILITIES:
        try:
            return importlib.import_module(RTX)
        except ImportError:
            pass
    try:
        return importlib.import_module(FULL)
    except ImportError as error:
        package = "tensorrt-rtx-cu13" if capability in CAPABILITIES else "tensorrt-cu13"
        raise ImportError(f"pip install {package} for a GPU of {capability}") from error


def dialect(options: Options) -> Dialect:
    """Return the words in which the network is wanted; its types are kept as they are."""
    return "half" if options.precision == "fp16" else "native"


def key(onnx: Path, capability: str, trt: Any) -> Key:
    """Return everything that a built engine depends on."""
    return {
        "onnx_sha256": sha256(onnx.read_bytes()).hexdigest(),
        "library": f"{trt.__name__} {trt.__version__}",
        "gpu": capability,
        "settings": SETTINGS,
    }


def fetch(spec: Spec, onnx: Path, options: Options, capability: str) -> Path:
    """Return the engine for a kind of GPU, built first where it is not in the cache.

    Raises:
        ImportError: TensorRT is not installed.
        BackendUnavailable: the engine is not there and may not be built, or cannot be.
    """
    trt = library(capability)
    name = f"{spec.name}-{options.precision}-{capability}"
    wanted = key(onnx, capability, trt)
    path = options.cache.path(name, ".engine", wanted)
    if not options.build and options.cache.inspect(path).fault:
        raise BackendUnavailable(f"its engine is not built: visavis engines build ({path.name})")
    return options.cache.fetch(
        name, ".engine", wanted, lambda: build(spec, onnx, capability, trt, options)
    )


def inspect(
    spec: Spec, onnx: Path, capability: str, options: Options
) -> tuple[bytes, inspection.Inspection]:
    """Build an engine and return it with what its builder tells of it; nothing is kept.

    Raises:
        ImportError: TensorRT is not installed.
        BackendUnavailable: it cannot build the engine.
        ValueError: it does not tell of it; TensorRT for RTX does.
    """
    plan, log, _ = _build(spec, onnx, capability, library(capability), options)
    return plan, inspection.read(log.listing)


def build(spec: Spec, onnx: Path, capability: str, trt: Any, options: Options) -> Made:
    """Return an engine for ``capability``; a minute at most, and no GPU is needed for RTX.

    Raises:
        BackendUnavailable: TensorRT cannot build it; the reason is its own.
    """
    plan, log, network = _build(spec, onnx, capability, trt, options)
    return Made(plan, _about(log.listing, network))


def _build(
    spec: Spec, onnx: Path, capability: str, trt: Any, options: Options
) -> tuple[bytes, Any, Any]:
    log = _log(trt)
    builder = trt.Builder(log)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, log)
    if not parser.parse(onnx.read_bytes()):
        reasons = "; ".join(parser.get_error(i).desc() for i in range(parser.num_errors))
        raise BackendUnavailable(f"TensorRT cannot read the network: {reasons}")
    config = builder.create_builder_config()
    config.profiling_verbosity = trt.ProfilingVerbosity.DETAILED  # or it says little of the engine
    if trt.__name__ == RTX:
        config.num_compute_capabilities = 1
        config.set_compute_capability(getattr(trt.ComputeCapability, capability), 0)
    if options.progress is not None:
        config.progress_monitor = _monitor(trt, options)
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise BackendUnavailable(f"TensorRT cannot build {spec.name} for {capability}: {log.last}")
    return bytes(plan), log, network


def _about(listing: str, network: Any) -> Key:
    """Return what the engine takes, gives and computes in, as its builder tells it.

    Where a builder does not tell, what was asked of it stands for that.
    """
    try:
        built = inspection.read(listing)
    except ValueError:
        takes = [network.get_input(i) for i in range(network.num_inputs)]
        gives = [network.get_output(i) for i in range(network.num_outputs)]
        inputs, outputs = (", ".join(map(_describe, ports)) for ports in (takes, gives))
        return {"inputs": inputs, "outputs": outputs, "told by": "the network, not the engine"}
    return {
        "inputs": ", ".join(map(str, built.inputs)),
        "outputs": ", ".join(map(str, built.outputs)),
        "kernels by type": built.precisions(),
        "told by": "the engine",
    }


def _describe(tensor: Any) -> str:
    return f"{tensor.name} {tensor.dtype.name.lower()} {list(tensor.shape)}"


def open(spec: Spec, onnx: Path, options: Options) -> TensorrtEngine:
    """Load the engine for this machine's GPU, building it first where that is allowed.

    Raises:
        ImportError: TensorRT, or PyTorch for the GPU's memory, is not installed.
        BackendUnavailable: there is no GPU, or no engine for it.
    """
    if options.precision == "bf16":
        raise BackendUnavailable("bf16 is not built here; fp32 and fp16 are")
    found = gpu.find()
    if found is None:
        raise BackendUnavailable("there is no NVIDIA GPU here")
    path = fetch(spec, onnx, options, found.capability)
    return TensorrtEngine(spec, path, options, found)


class TensorrtEngine:
    """An engine with memory of its own on the GPU; runs wait for each other.

    PyTorch provides memory and stream, so that a network before or after this one may share them.
    """

    def __init__(self, spec: Spec, path: Path, options: Options, found: gpu.Gpu) -> None:
        torch = importlib.import_module("torch")
        trt = library(found.capability)
        log = _log(trt)
        self._keep = trt.Runtime(log)
        engine = self._keep.deserialize_cuda_engine(path.read_bytes())
        if engine is None:
            raise BackendUnavailable(f"TensorRT does not take {path.name}: {log.last}")
        self.spec = spec
        self.backend = f"{trt.__name__} {trt.__version__} on {found.name}, {options.precision}"
        self._lock = Lock()
        self._stream: Any = torch.cuda.Stream()
        self._context: Any = engine.create_execution_context()
        self._memory: dict[str, Any] = {}
        for tensor in (*spec.inputs, *spec.outputs):
            memory = torch.empty(tensor.shape, dtype=getattr(torch, tensor.dtype), device="cuda")
            self._memory[tensor.name] = memory
            self._context.set_tensor_address(tensor.name, memory.data_ptr())
        self._torch: Any = torch

    def __call__(self, inputs: dict[str, Array], /) -> dict[str, Array]:
        """Run once: there, through, and back."""
        wrong = self.spec.mismatch(inputs)
        if wrong:
            raise ValueError(wrong)
        with self._lock, self._torch.cuda.stream(self._stream):
            for name, array in inputs.items():
                self._memory[name].copy_(self._torch.from_numpy(array), non_blocking=True)
            self._context.execute_async_v3(self._stream.cuda_stream)
            return {tensor.name: self._fetch(tensor) for tensor in self.spec.outputs}

    def _fetch(self, tensor: Tensor) -> Array:
        return self._memory[tensor.name].cpu().numpy()

    def close(self) -> None:
        """Give back memory; idempotent."""
        self._context = None
        self._memory = {}


def _log(trt: Any) -> Any:
    """Return a logger that keeps the last error, and the listing of what was built."""

    class Log(trt.ILogger):
        last = "it does not say why"
        listing = ""

        def __init__(self) -> None:
            trt.ILogger.__init__(self)

        def log(self, severity: Any, message: str) -> None:
            if severity in (trt.ILogger.ERROR, trt.ILogger.INTERNAL_ERROR):
                self.last = message
            elif message.startswith(inspection.HEAD):
                self.listing = message

    return Log()


def _monitor(trt: Any, options: Options) -> Any:
    """Return what TensorRT tells how far it is; it has phases inside of phases."""

    class Monitor(trt.IProgressMonitor):
        def __init__(self) -> None:
            trt.IProgressMonitor.__init__(self)
            self._steps: dict[str, int] = {}

        def phase_start(self, name: str, parent: str | None, steps: int) -> None:
            self._steps[name] = max(1, steps)

        def step_complete(self, name: str, step: int) -> bool:
            if options.progress is not None:
                options.progress(name, min(1.0, (step + 1) / self._steps.get(name, 1)))
            return True

        def phase_finish(self, name: str) -> None:
            self._steps.pop(name, None)

    return Monitor()

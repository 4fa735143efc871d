"""ONNX Runtime: on any processor, and on an NVIDIA GPU where its CUDA build is installed."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any

import onnxruntime as library

from engines.engine import BackendUnavailable, Options
from engines.spec import Array, Dialect, Spec

RUNTIME: Any = library  # its own hints are half of one kind
RUNTIME.disable_telemetry_events()  # which Microsoft's builds for Windows send

PROVIDERS = {"CUDAExecutionProvider": "CUDA", "CPUExecutionProvider": "CPU"}
"""The ones that are used, quickest first, and what people call them."""


class OnnxRuntimeEngine:
    """A session; its outputs are new arrays at each run, so no caller sees another's."""

    def __init__(self, spec: Spec, session: Any) -> None:
        self.spec = spec
        self._session: Any = session
        self._names = [tensor.name for tensor in spec.outputs]
        self._lock = Lock()
        device = PROVIDERS[session.get_providers()[0]]
        self.backend = f"onnxruntime {RUNTIME.__version__} on {device}, fp32"

    def __call__(self, inputs: dict[str, Array], /) -> dict[str, Array]:
        """Run once."""
        wrong = self.spec.mismatch(inputs)
        if wrong:
            raise ValueError(wrong)
        with self._lock:
            outputs = self._session.run(self._names, inputs)
        return dict(zip(self._names, outputs, strict=True))

    def close(self) -> None:
        """Give back memory; idempotent."""
        self._session = None


def dialect(options: Options) -> Dialect:
    """Return the words in which the network is wanted."""
    return "plain"


def open(spec: Spec, onnx: Path, options: Options) -> OnnxRuntimeEngine:
    """Start a session.

    Raises:
        BackendUnavailable: the precision is not to be had, or the file cannot be run.
    """
    if options.precision != "fp32":
        raise BackendUnavailable(f"{options.precision} is not built here; fp32 is")
    settings: Any = RUNTIME.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 3
    # A thread that waits by turning takes a core from the codec and the other calls.
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    there: list[str] = RUNTIME.get_available_providers()
    providers = [name for name in PROVIDERS if name in there]
    try:
        session: Any = RUNTIME.InferenceSession(str(onnx), settings, providers=providers)
    except Exception as error:  # its errors have no common kind
        raise BackendUnavailable(
            f"ONNX Runtime refuses the network: {_first_line(error)}"
        ) from error
    return OnnxRuntimeEngine(spec, session)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300] if str(error) else type(error).__name__

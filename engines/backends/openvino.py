"""OpenVINO: Intel's run-time, the quickest on processors of today, also on AMD's."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from engines.discretion import keep_quiet
from engines.engine import BackendUnavailable, Options
from engines.spec import Array, Dialect, Spec

keep_quiet()

import openvino  # noqa: E402 - only now

PRECISIONS = {"fp32": "f32", "bf16": "bf16"}


class OpenvinoEngine:
    """One infer request behind a lock, on memory of its own: what goes in and out is copied.

    Arrays that are handed to ``infer`` would be wrapped and looked up anew at each run, which costs
    a tenth of what a face mesh takes.
    """

    def __init__(self, spec: Spec, compiled: Any, precision: str) -> None:
        self.spec = spec
        self._request: Any = compiled.create_infer_request()
        self._inputs = {tensor.name: tensor.empty() for tensor in spec.inputs}
        for name, memory in self._inputs.items():
            self._request.set_tensor(name, openvino.Tensor(memory, shared_memory=True))
        self._outputs = {t.name: self._request.get_tensor(t.name).data for t in spec.outputs}
        self._lock = Lock()
        version = openvino.__version__.partition("-")[0]
        self.backend = f"openvino {version} on CPU, {precision}"

    def __call__(self, inputs: dict[str, Array], /) -> dict[str, Array]:
        """Run once."""
        wrong = self.spec.mismatch(inputs)
        if wrong:
            raise ValueError(wrong)
        with self._lock:
            for name, array in inputs.items():
                self._inputs[name][:] = array
            self._request.infer()
            return {name: memory.copy() for name, memory in self._outputs.items()}

    def close(self) -> None:
        """Give back memory; idempotent."""
        self._request, self._outputs = None, {}


def dialect(options: Options) -> Dialect:
    """Return the words in which the network is wanted."""
    return "native"


def open(spec: Spec, onnx: Path, options: Options) -> OpenvinoEngine:
    """Compile the network for this processor.

    Raises:
        BackendUnavailable: the precision is not to be had, or the file cannot be run.
    """
    if options.precision not in PRECISIONS:
        raise BackendUnavailable(f"{options.precision} is not built here; fp32 is")
    settings = {
        "INFERENCE_NUM_THREADS": options.threads,
        "NUM_STREAMS": 1,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": PRECISIONS[options.precision],
        "ENABLE_CPU_PINNING": False,
    }
    try:
        core = _core()
        compiled = core.compile_model(core.read_model(str(onnx)), "CPU", settings)
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[0][:300]
        raise BackendUnavailable(f"OpenVINO refuses the network: {reason}") from error
    return OpenvinoEngine(spec, compiled, options.precision)


@cache
def _core() -> Any:
    """Return the one of the process, which stays to its end.

    Its CPU plug-in lends the thread that makes it a stack for signals. Where another thread gives
    the plug-in back, that stack is gone and still in use: the next signal kills the process.
    """
    return openvino.Core()

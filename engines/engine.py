"""Opening a network with the best back-end at hand."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, cast

from engines.cache import Cache
from engines.spec import Array, Dialect, Spec

logger = logging.getLogger(__name__)

BACKENDS = ("tensorrt", "openvino", "onnxruntime", "torch")
"""Every back-end, quickest first."""

AUTO = BACKENDS[:3]
"""Those that are tried where none is named: PyTorch's own loop over operators would be too slow."""

Precision = Literal["fp32", "fp16", "bf16"]
"""Of sums and weights; a back-end that does not have one says so."""


class EngineError(Exception):
    """A network cannot be run; the text says why for each back-end that was tried.

    Attributes:
        reasons: back-end to reason, in the order in which they were tried.
    """

    def __init__(self, text: str, reasons: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.reasons = dict(reasons or {})


class BackendUnavailable(Exception):
    """This back-end cannot run this network here; the text says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run a network.

    Attributes:
        threads: how many cores one run may use. Networks as small as a face mesh lose more by
            sharing out their work than they gain.
        precision: see ``Precision``.
        build: whether what must be built first, for a minute perhaps, may be built now.
        cache: where what was built is kept.
        progress: is told what is being done, and how far it is, 0 to 1.
    """

    threads: int = 1
    precision: Precision = "fp32"
    build: bool = True
    cache: Cache = field(default_factory=Cache)
    progress: Callable[[str, float], None] | None = None


class Engine(Protocol):
    """A network ready to run. Same inputs, same outputs; it keeps no state between runs.

    One may be shared by threads: runs wait for each other. What it returns is the caller's until
    the same thread calls again.
    """

    @property
    def spec(self) -> Spec:
        """The signature it runs."""
        ...

    @property
    def backend(self) -> str:
        """Who runs it, on what, with which precision; for logs and reports."""
        ...

    def __call__(self, inputs: dict[str, Array], /) -> Mapping[str, Array]:
        """Run once.

        Raises:
            ValueError: the inputs are not what the spec says.
        """
        ...

    def close(self) -> None:
        """Give back memory; idempotent."""
        ...


class Weights(Protocol):
    """Where a network's ONNX file is to be had."""

    def onnx(self, dialect: Dialect) -> Path:
        """Return a file in that dialect, made first where there is none yet."""
        ...


class Backend(Protocol):
    """What each module of ``engines.backends`` offers."""

    def dialect(self, options: Options) -> Dialect:
        """Return the words in which it wants the network."""
        ...

    def open(self, spec: Spec, onnx: Path, options: Options) -> Engine:
        """Make a network ready to run.

        Raises:
            ImportError: the library is not installed.
            BackendUnavailable: it is, and cannot run this network here.
        """
        ...


@dataclass(frozen=True, slots=True)
class File:
    """A network that lies in a file already, in words that every back-end reads."""

    path: Path

    def onnx(self, dialect: Dialect) -> Path:
        """Return the file."""
        return self.path


@dataclass(frozen=True, slots=True)
class Opened:
    """An engine, and why it is not a quicker one.

    Attributes:
        refused: back-end to reason, in the order in which they were tried.
    """

    engine: Engine
    refused: Mapping[str, str] = field(default_factory=dict[str, str])


def open_engine(
    spec: Spec, weights: Weights, backends: Sequence[str] = AUTO, options: Options | None = None
) -> Opened:
    """Open ``spec`` with the first of ``backends`` that works.

    Raises:
        EngineError: none does.
    """
    options = options or Options()
    refused: dict[str, str] = {}
    for name in backends:
        engine = _try(name, spec, weights, options, refused)
        if engine is not None:
            for other, reason in refused.items():
                logger.info("%s does not run on %s: %s", spec.name, other, reason)
            return Opened(engine, refused)
    reasons = "; ".join(f"{name}: {reason}" for name, reason in refused.items())
    raise EngineError(
        f"nothing here can run {spec.name} ({reasons or 'no back-end was named'})", refused
    )


def _try(
    name: str, spec: Spec, weights: Weights, options: Options, refused: dict[str, str]
) -> Engine | None:
    try:
        backend = load_backend(name)
        return backend.open(spec, weights.onnx(backend.dialect(options)), options)
    except ImportError as error:
        refused[name] = f"it is not installed ({error})"
    except BackendUnavailable as error:
        refused[name] = str(error)
    return None


def load_backend(name: str) -> Backend:
    """Return a back-end by name.

    Raises:
        EngineError: there is none of that name.
        ImportError: its library is not installed.
    """
    if name not in BACKENDS:
        raise EngineError(f"there is no back-end {name!r} (known: {', '.join(BACKENDS)})")
    return cast("Backend", importlib.import_module(f"engines.backends.{name}"))

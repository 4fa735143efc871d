"""The measurements by name: modules with ``run(argv) -> exit code``, imported when asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import cast

MEASUREMENTS: dict[str, str] = {
    "latency": "bench.latency.filter",
    "webrtc": "bench.latency.webrtc",
    "quality": "bench.quality",
    "engines": "bench.landmarks",
    "kernels": "bench.kernels.command",
    "precision": "bench.precision",
    "tensorrt": "bench.tensorrt",
    "sessions": "bench.sessions.command",
    "voice": "bench.voice",
    "claims": "bench.claims",
    "soak": "bench.soak",
    "network": "bench.network.command",
    "fuzz": "bench.fuzz.command",
    "codec": "bench.codec",
    "recovery": "bench.recovery",
    "av-sync": "bench.av_sync.command",
}


def run(name: str, argv: Sequence[str]) -> int:
    """Run one measurement with its own arguments and return its exit code."""
    module = importlib.import_module(MEASUREMENTS[name])
    measure = cast("Callable[[Sequence[str]], int]", module.run)
    return measure(argv)

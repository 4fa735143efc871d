"""Generators whose fields are known: what they would do to a face can be told in advance."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engines.onnx_file import Graph
from engines.wav2lip_emotion.live import SIDE, SPEC

RED = 0.15
"""What :func:`reddening` takes off green and blue, of 1, at intensity 1."""


def reddening(path: Path, *, hearing: float = 0.0, side: int = SIDE) -> Path:
    """Write a generator that makes the whole square redder, by as much as is asked for.

    Args:
        path: where to.
        hearing: how much of blue the loudest sound gives back.
        side: of its fields; another than 128 is no generator for calls.
    """
    graph = Graph(SPEC.name)
    graph.inputs = [(t.name, t.shape, t.dtype) for t in SPEC.inputs]
    graph.outputs = [(t.name, (1, t.shape[1], side, side), t.dtype) for t in SPEC.outputs]
    asked = graph.add("ReduceMax", "edit", axes=(1,), keepdims=1)
    # Silence is -4 everywhere, and becomes 0; the loudest sound is 1.
    loud = graph.add("ReduceMean", "speech", axes=(2, 3), keepdims=1)
    loud = graph.add("Mul", graph.add("Add", loud, graph.floats([4.0])), graph.floats([1 / 8]))
    seen = graph.add("ReduceMean", "face", axes=(1, 2, 3), keepdims=1)
    plain = np.ones((1, 1, side, side), np.float32)
    colour = plain * np.array([0, -RED, -RED], np.float32)[None, :, None, None]
    blue = plain * np.array([0, 0, hearing], np.float32)[None, :, None, None]
    changed = graph.add("Mul", asked, graph.floats(colour))
    graph.name_output(
        graph.add("Add", changed, graph.add("Mul", loud, graph.floats(blue))), "colour"
    )
    nothing = graph.floats(np.zeros((1, 2, side, side), np.float32))
    graph.name_output(graph.add("Mul", seen, nothing), "shift")
    full = graph.add("Mul", seen, graph.floats(0 * plain))
    graph.name_output(graph.add("Add", full, graph.floats(plain)), "mask")
    path.write_bytes(graph.encode())
    return path

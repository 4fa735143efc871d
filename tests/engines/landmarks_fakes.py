"""Engines that answer as they are told and count how often they are asked."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engines.landmarks.networks import SOURCES
from engines.spec import Array, Spec


class Told:
    """An engine whose answers a test writes."""

    backend = "a test"

    def __init__(self, name: str, answer: Callable[[Array], dict[str, Array]]) -> None:
        self.spec: Spec = SOURCES[name].spec
        self._answer = answer
        self.asked = 0

    def __call__(self, inputs: dict[str, Array], /) -> dict[str, Array]:
        assert self.spec.mismatch(inputs) is None
        self.asked += 1
        return self._answer(inputs["image"])

    def close(self) -> None:
        pass


def boxes(*faces: tuple[float, float, float, float]) -> dict[str, Array]:
    """Return the detector's outputs for faces as (x, y, side, score) in its 128 pixels."""
    raw, scores = np.zeros((1, 896, 16), np.float32), np.zeros((1, 896, 1), np.float32)
    for x, y, side, score in faces:
        column, row = int(x // 8), int(y // 8)
        anchor = 2 * (row * 16 + column)
        middle = ((column + 0.5) * 8, (row + 0.5) * 8)
        dx, dy = x - middle[0], y - middle[1]
        eyes = (dx - side / 4, dy, dx + side / 4, dy)
        raw[0, anchor] = (dx, dy, side, side, *eyes, *(0.0,) * 8)
        scores[0, anchor] = score
    return {"boxes": raw, "scores": scores}


def mesh(spread: float = 64.0, presence: float = 1.0) -> dict[str, Array]:
    """Return the mesh's outputs: points on a ring in the middle of its 192 pixels."""
    turn = np.linspace(0, 2 * np.pi, 478, endpoint=False)
    points = np.zeros((1, 478, 3), np.float32)
    points[0, :, 0] = 96 + spread * np.cos(turn)
    points[0, :, 1] = 96 + spread * np.sin(turn)
    points[0, 33, :2], points[0, 263, :2] = (70, 90), (122, 90)
    return {"points": points, "presence": np.full((1, 1), presence, np.float32)}

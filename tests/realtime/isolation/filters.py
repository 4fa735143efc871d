"""Filters that other processes can import."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engines.placement import Placement
from realtime.clock import Deadline
from realtime.filter import FilterState
from realtime.stage import Percentiles
from realtime.types import Edit, Filtered, Frame, Rung


class Brighter:
    """Adds to the luma; raises on white."""

    state = FilterState.RUNNING
    restarts = 0
    places = (Placement("adder", "a test", {}),)

    def __init__(self, by: int = 1) -> None:
        self._by = by

    def __call__(self, frame: Frame, edit: Edit, deadline: Deadline, /) -> Filtered | None:
        luma, *chroma = frame.planes
        if luma.max() == 255:
            raise ValueError("too bright")
        brighter = frame.with_planes((np.asarray(luma + self._by, np.uint8), *chroma))
        heard = {} if frame.speech is None else {"heard": float(frame.speech.mean())}
        return Filtered(brighter, Rung.GEOMETRIC, coefficients={"jawOpen": 0.5} | heard)

    def percentiles(self) -> Mapping[str, Percentiles]:
        """Nothing is timed."""
        return {}

    def close(self) -> None:
        """Nothing to give back."""


class Broken(Brighter):
    """Cannot be built."""

    def __init__(self) -> None:
        raise RuntimeError("no model here")

"""Steadying a noisy signal without making it late: the One Euro filter."""

from __future__ import annotations

import math

import numpy as np

from realtime.clock import SECOND
from realtime.types import Floats


class OneEuro:
    """Casiez, Roussel and Vogel, "1 € filter", CHI 2012: steady when still, quick when moving.

    Args:
        min_cutoff_hz: cut-off for a signal at rest; lower is steadier.
        beta: how fast the cut-off rises with speed (in units of the signal a second).
    """

    def __init__(self, min_cutoff_hz: float, beta: float) -> None:
        self._min = min_cutoff_hz
        self._beta = beta
        self._value: Floats | None = None
        self._speed: Floats | None = None
        self._at = 0

    def __call__(self, value: Floats, now: int, unit: float = 1.0) -> Floats:
        """Return the steadied value; ``unit`` is what counts as 1 in the signal."""
        last, speed = self._value, self._speed
        dt = (now - self._at) / SECOND
        self._at = now
        if last is None or speed is None or not 0 < dt < 0.5:
            self._value, self._speed = value, np.zeros_like(value)
            return value
        if self._beta == 0:
            self._value = last + _alpha(self._min, dt) * (value - last)
            return self._value
        slope = (value - last) / (dt * unit)
        speed = speed + _alpha(1.0, dt) * (slope - speed)
        pace = np.sqrt(np.einsum("...i,...i->...", speed, speed))[..., None]
        a = _alpha(self._min + self._beta * pace, dt)
        self._value, self._speed = last + a * (value - last), speed
        return self._value


def _alpha(cutoff: Floats | float, dt: float) -> Floats | float:
    tau = 1.0 / (2 * math.pi * cutoff)
    return 1.0 / (1.0 + tau / dt)

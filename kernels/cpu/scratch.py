"""Memory that is kept from frame to frame, so that an operation need not ask for new."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Scratch:
    """Arrays by name, as large as was ever needed. One owner, one thread.

    What ``take`` returned holds until the same name is taken again.
    """

    def __init__(self) -> None:
        self._held: dict[tuple[str, Any], NDArray[Any]] = {}

    def take(self, name: str, shape: tuple[int, ...], dtype: Any = np.float32) -> NDArray[Any]:
        """Return an array of that shape whose content is whatever was left there."""
        count = math.prod(shape)
        held = self._held.get((name, dtype))
        if held is None or held.size < count:
            # Some room to spare: faces come closer step by step.
            held = self._held[name, dtype] = np.zeros(count + count // 4 + 16, dtype)
        return held[:count].reshape(shape)

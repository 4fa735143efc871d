"""What a network does to packets, as a function of values: the same seed harms the same packets."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Impairment:
    """A network's state, each way.

    Attributes:
        loss: share of packets that vanish.
        delay: seconds that each packet takes.
        jitter: standard deviation of what is added to it; beyond the spacing of packets it also
            changes their order.
        swap: share of packets that are held until the next three have passed.
    """

    loss: float = 0.0
    delay: float = 0.0
    jitter: float = 0.0
    swap: float = 0.0


CLEAN = Impairment()
OUTAGE = Impairment(loss=1.0)
SWAPPED = 0.03
"""Seconds for which a swapped packet is held: three or so at the rate of a call."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of time with one impairment.

    Attributes:
        begin: seconds after the call's first packet.
    """

    begin: float
    impairment: Impairment


class Weather:
    """Decides each packet's fate; one for each direction."""

    def __init__(self, phases: Sequence[Phase], seed: int) -> None:
        self._phases = sorted(phases, key=lambda phase: phase.begin)
        self._random = random.Random(seed)
        self.passed = 0
        self.lost = 0

    def change(self, impairment: Impairment) -> None:
        """Let ``impairment`` be in force from now on."""
        self._phases = [Phase(0.0, impairment)]

    def at(self, seconds: float) -> Impairment:
        """Return the impairment in force."""
        found = CLEAN
        for phase in self._phases:
            if phase.begin <= seconds:
                found = phase.impairment
        return found

    def fate(self, seconds: float) -> float | None:
        """Return how long a packet takes that is sent now; None when it never arrives."""
        now = self.at(seconds)
        if self._random.random() < now.loss:
            self.lost += 1
            return None
        self.passed += 1
        held = SWAPPED if self._random.random() < now.swap else 0.0
        return max(0.0, now.delay + held + self._random.gauss(0.0, now.jitter))

"""How many bits a second a connection is given, and how large a picture they are enough for.

Two things speak: the receiver's estimate of what gets through (REMB), and the share of packets that
it reports lost. Both are values here, so that a bad evening's network can be tried in a test.
"""

from __future__ import annotations

from dataclasses import dataclass

from realtime.clock import MS

S = 1_000 * MS

LOWEST = 300_000
HIGHEST = 4_000_000
START = 1_500_000
"""Bits a second."""

TOO_LOSSY = 0.10
"""Share of lost packets above which less is sent: they are lost because there are too many."""

CLEAN = 0.02
"""Share below which more is tried. Between the two, loss is taken for the network's own."""

CLIMB = 0.08
"""How much more is tried in a second."""

LONG_AGO = 2 * S
"""Reports come about once a second; a gap between two counts as no more than this."""

TOO_THIN = 0.025
"""Bits a pixel and picture below which a smaller picture looks better than a coarse one."""

ENOUGH = 0.035
"""Bits a pixel and picture that a larger one must get before it is returned to."""

PATIENCE = 5 * S
"""Time between a change of size and a step back up: each costs a key frame."""

SCALES = (1.0, 0.75, 0.5, 0.375)
FPS = 30.0


class Bitrate:
    """The target of one sender: what the receiver estimates, less where packets get lost.

    Written by the event loop, read by the encoder's thread; each field is set in one step.
    """

    def __init__(self, start: int = START) -> None:
        self._estimate = HIGHEST
        self._cap = float(start)
        self._reported: int | None = None
        self.loss = 0.0

    @property
    def target(self) -> int:
        """Bits a second."""
        return round(min(max(min(self._estimate, self._cap), LOWEST), HIGHEST))

    def estimate(self, bits: int) -> None:
        """Take in what the receiver believes to get through."""
        self._estimate = max(0, bits)

    def report(self, lost: float, now: int) -> None:
        """Take in the share of packets that were lost since the last report."""
        passed = 0 if self._reported is None else min(now - self._reported, LONG_AGO)
        self._reported, self.loss = now, lost
        if lost > TOO_LOSSY:
            self._cap = max(float(LOWEST), self.target * (1 - lost / 2))
        elif lost < CLEAN:
            # From what is sent: a cap that ran ahead of the estimate would hide the next loss.
            highest = min(HIGHEST, 1.5 * self._estimate)
            self._cap = min(self._cap * (1 + CLIMB) ** (passed / S), max(self._cap, highest))


@dataclass(frozen=True, slots=True)
class Size:
    """A picture's size as it is sent.

    Attributes:
        step: index into ``SCALES``.
        changed: when it was last changed.
    """

    step: int = 0
    changed: int = 0

    def after(self, bits: int, width: int, height: int, now: int) -> Size:
        """Return the size for pictures of ``width`` x ``height`` at ``bits`` a second."""

        def per_pixel(step: int) -> float:
            return bits / (FPS * width * height * SCALES[step] ** 2)

        if self.step + 1 < len(SCALES) and per_pixel(self.step) < TOO_THIN:
            return Size(self.step + 1, now)
        rested = now - self.changed >= PATIENCE
        if self.step > 0 and rested and per_pixel(self.step - 1) >= ENOUGH:
            return Size(self.step - 1, now)
        return self

    def of(self, width: int, height: int) -> tuple[int, int]:
        """Return columns and rows: even, as H.264 needs them, and never none."""
        scale = SCALES[self.step]
        return max(2, round(width * scale) & ~1), max(2, round(height * scale) & ~1)

"""A microphone as a source: what it hears goes onto tape, with the time at which it was heard."""

from __future__ import annotations

import logging
from collections.abc import Callable

from realtime.clock import MS, Clock
from realtime.sound.devices import Hear, Stream, open_microphone
from realtime.sound.tape import RATE, Tape
from realtime.types import Floats

logger = logging.getLogger(__name__)

STILL = 1000 * MS
"""A microphone that gave nothing for so long has gone, whatever its driver says."""

PATIENCE = 3000 * MS
"""How much longer it may take at first."""

DENIED = 5 * RATE
"""Samples of perfect silence after which the user is told: a real microphone always hisses."""


class Microphone:
    """Writes a tape for as long as it is open; may be opened again after it went away.

    Attributes:
        device: the microphone's name, as the user gave it.
        tape: the last seconds of what it heard.
        heard: gets all of it too, with the time of its first sample.
        overflows: how often the driver lost sound because nobody took it in time.
    """

    def __init__(
        self,
        device: str,
        clock: Clock,
        opener: Callable[[str, Hear], Stream] = open_microphone,
        tape: Tape | None = None,
    ) -> None:
        self.device = device
        self.tape = tape or Tape()
        self.overflows = 0
        self.heard: Callable[[Floats, int], None] = lambda samples, captured: None
        self._clock = clock
        self._opener = opener
        self._stream: Stream | None = None
        self._last = 0
        self._zeros = 0

    @property
    def title(self) -> str:
        """What to call it before the user."""
        return f"microphone {self.device}"

    @property
    def alive(self) -> bool:
        """Whether it is open and sound comes."""
        fresh = self._clock.now() - self._last < STILL
        return self._stream is not None and fresh and self._stream.alive

    def open(self) -> None:
        """Begin to listen."""
        self.close()
        self._last = self._clock.now() + PATIENCE
        self._stream = self._opener(self.device, self._hear)

    def close(self) -> None:
        """Stop listening; idempotent."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def _hear(self, samples: Floats, age: int, lost: bool) -> None:
        now = self._clock.now()
        self._last = max(self._last, now)
        self.overflows += lost
        self.tape.write(samples, now - age, gap=lost)
        self.heard(samples, now - age)
        self._listen_for_denial(samples)

    def _listen_for_denial(self, samples: Floats) -> None:
        if self._zeros is DENIED or samples.any():
            self._zeros = DENIED if self._zeros is DENIED else 0
            return
        self._zeros += len(samples)
        if self._zeros >= DENIED:
            self._zeros = DENIED
            logger.warning(
                "%s gives nothing but silence: it is muted, or this program may not use it",
                self.title,
            )

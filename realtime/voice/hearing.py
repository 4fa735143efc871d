"""One voice heard: from sound as it comes to a reading every 100 ms. Neither threads nor clocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar, cast

import av
import numpy as np

from engines.audio_emotion.estimate import EVERY, RATE, VoiceEstimator
from realtime.clock import SECOND
from realtime.types import Floats
from realtime.voice.reading import Reading, reading_of

QUIET = 2e-4
"""The loudest sample of what counts as silence: a microphone hisses louder, a muted one less."""

MUTED = RATE
"""Samples of silence in a row after which the microphone counts as muted."""

State = TypeVar("State")


class Downsampler:
    """Makes sound of any rate what an estimator listens to. Fed in parts it gives the same."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._resampler = av.AudioResampler("flt", layout="mono", rate=RATE)

    def __call__(self, samples: Floats) -> Floats:
        """Return what of mono ``samples`` [n] is ready, at 16 kHz; a millisecond stays behind."""
        block = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples, np.float32)[None, :], "flt", "mono"
        )
        block.sample_rate = self._rate
        parts = [cast("Floats", part.to_ndarray()[0]) for part in self._resampler.resample(block)]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)


class Hearing(Generic[State]):
    """Listens to one voice.

    Args:
        estimator: what makes something of it; may serve others too.
        origin: when the first sample was in the air, nanoseconds.
    """

    def __init__(self, estimator: VoiceEstimator[State], origin: int = 0) -> None:
        self._estimator = estimator
        self._origin = origin
        self._state = estimator.begin()
        self._heard = 0
        self._quiet = 0

    def __call__(self, samples: Floats) -> Iterator[Reading]:
        """Hear mono ``samples`` [n] at 16 kHz, and yield each reading that falls due."""
        at = 0
        while at < len(samples):
            part = samples[at : at + EVERY - self._heard % EVERY]
            at += len(part)
            yield from self._hear(part)

    def _hear(self, part: Floats) -> Iterator[Reading]:
        self._note_silence(part)
        self._heard += len(part)
        self._state, estimate = self._estimator.step(self._state, part)
        if estimate is not None:
            at = self._origin + self._heard * SECOND // RATE
            yield reading_of(estimate, at, silent=self._quiet >= MUTED)

    def _note_silence(self, part: Floats) -> None:
        loud = np.flatnonzero(np.abs(part) > QUIET)
        self._quiet = self._quiet + len(part) if not len(loud) else len(part) - int(loud[-1]) - 1


AnyEstimator = VoiceEstimator[Any]
"""An estimator whose state is nobody else's business."""

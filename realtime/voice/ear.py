"""The thread that listens while a session runs; sound passes it without waiting."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from realtime.clock import Clock
from realtime.types import Floats
from realtime.voice.hearing import AnyEstimator, Downsampler, Hearing
from realtime.voice.inbox import Inbox
from realtime.voice.reading import Hears, Reading

logger = logging.getLogger(__name__)

LIVE_RATE = 48_000
"""Samples a second of all live sound."""

BATCH = LIVE_RATE // 10
MOST = 2 * LIVE_RATE
"""Sound kept for a listener that is late; more would only make it later."""

GONE_S = 1.0
"""Seconds without any sound after which there is no microphone."""

JOIN_S = 5.0


class VoiceError(Exception):
    """Voices cannot be listened to on this machine; its text is a sentence for the user."""


class Ear:
    """Listens on a thread of its own until it is ended.

    Args:
        open_estimator: gives what makes something of sound, which stays its owner's; called on
            the thread, where loading delays nobody.
        note: gets each reading, on the thread.
    """

    def __init__(
        self,
        open_estimator: Callable[[], AnyEstimator],
        note: Callable[[Reading], None],
        clock: Clock,
    ) -> None:
        self._open = open_estimator
        self._note = note
        self._clock = clock
        self._inbox = Inbox(BATCH, MOST)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="voice", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    @property
    def lost(self) -> int:
        """Samples that were not listened to, for want of time."""
        return self._inbox.lost

    def hear(self, samples: Floats) -> None:
        """Take in mono ``samples`` [n] at 48 kHz, which are not to be written to any more."""
        self._inbox.put(samples)

    def end(self) -> None:
        """Stop listening, without waiting for the thread; idempotent."""
        self._closed.set()
        self._inbox.close()

    def join(self) -> None:
        """Wait for the thread of an ear that was ended."""
        if self._thread.is_alive():
            self._thread.join(JOIN_S)

    def _work(self) -> None:
        self._note(Reading(Hears.STARTING, self._clock.now()))
        try:
            self._listen(self._open())
        except VoiceError as error:
            logger.warning("nobody listens to the voice: %s", error)
            self._note(Reading(Hears.UNAVAILABLE, self._clock.now(), reason=str(error)))
        except Exception:
            logger.exception("listening to the voice failed")
            reason = "Listening failed; the log says how."
            self._note(Reading(Hears.UNAVAILABLE, self._clock.now(), reason=reason))

    def _listen(self, estimator: AnyEstimator) -> None:
        sampler, hearing = Downsampler(LIVE_RATE), Hearing(estimator)
        while not self._closed.is_set():
            samples = self._inbox.get(GONE_S)
            if self._closed.is_set():
                return
            if samples is None:
                self._note(Reading(Hears.NO_MICROPHONE, self._clock.now()))
                sampler, hearing = Downsampler(LIVE_RATE), Hearing(estimator)
                continue
            for reading in hearing(sampler(samples)):
                self._note(_now(reading, self._clock.now()))


def _now(reading: Reading, now: int) -> Reading:
    return Reading(reading.hears, now, reading.estimate, reading.reason)

"""A live face that follows a voice: sound in on one thread, edits asked for on another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from realtime.clock import Clock
from realtime.types import Edit, Floats, Frame
from realtime.voice.drive import Aim, Driven, drive, edited
from realtime.voice.ear import Ear
from realtime.voice.follow import Guide
from realtime.voice.hearing import AnyEstimator
from realtime.voice.reading import Hears, Reading

Changed = Callable[[Aim | None, Reading], None]


class LiveVoice:
    """Listens while its guide wants it to, and says what the face is to show.

    Any thread may set ``guide``; :meth:`hear` is for that of the sound, the call itself for that of
    the pictures. ``changed`` hears of every new aim, mostly on the listener's thread.
    """

    def __init__(
        self,
        open_estimator: Callable[[], AnyEstimator],
        clock: Clock,
        changed: Changed = lambda aim, reading: None,
    ) -> None:
        self._open = open_estimator
        self._clock = clock
        self._changed = changed
        self._ear: Ear | None = None
        self._last: Ear | None = None
        self._turn = 0  # counts beginnings and ends of listening
        self._guide = Guide()
        self._driven = Driven()
        self._reading: Reading | None = None
        self._lock = threading.RLock()  # readings and changes of the guide, one at a time
        self._closed = False

    @property
    def guide(self) -> Guide:
        """What holds from now on; setting it begins and ends the listening."""
        return self._guide

    @guide.setter
    def guide(self, guide: Guide) -> None:
        with self._lock:
            self._guide = guide
            if not guide.follow.on:
                self._hush()
            elif self._ear is None and not self._closed:
                self._turn += 1
                note = partial(self._note, self._turn)
                self._ear = self._last = Ear(self._open, note, self._clock)
                self._ear.start()

    def hear(self, samples: Floats, captured: int = 0) -> None:
        """Take in mono ``samples`` [n] at 48 kHz; takes microseconds, and nothing while it is off.

        ``captured`` makes no difference: what comes is taken for what is.
        """
        if (ear := self._ear) is not None:
            ear.hear(samples)

    def __call__(self, frame: Frame, chosen: Edit) -> Edit:
        """Return the edit for ``frame`` where the person chose ``chosen``."""
        return edited(chosen, self._driven, self._guide, self._clock.now())

    @property
    def reading(self) -> Reading | None:
        """What was heard last; None while nobody listens."""
        return self._reading

    @property
    def aim(self) -> Aim | None:
        """What the voice makes the face show; None where it leaves it alone."""
        return self._driven.aim

    def close(self) -> None:
        """Stop listening, and wait until it has ended; idempotent."""
        with self._lock:
            self._closed = True
            self._hush()
        if self._last is not None:
            self._last.join()

    def _hush(self) -> None:
        ear, self._ear = self._ear, None
        if ear is None:
            return
        ear.end()
        self._turn += 1
        self._reading = None
        self._follow(Reading(Hears.NO_MICROPHONE, self._clock.now()))

    def _note(self, turn: int, reading: Reading) -> None:
        with self._lock:
            if turn != self._turn:
                return  # what was still on its way when it was switched off
            self._reading = reading
            self._follow(reading)

    def _follow(self, reading: Reading) -> None:
        driven = drive(self._driven, reading, self._guide)
        if driven is not self._driven:
            self._driven = driven
            self._changed(driven.aim, reading)

"""The sound's way to the generator in ``visavis camera``: from whichever microphone is open."""

from __future__ import annotations

from realtime.box import Box, Latest, Ripening
from realtime.build import live_speech
from realtime.clock import Clock
from realtime.config import FilterSettings
from realtime.session import Session
from realtime.sources.microphone import Microphone
from realtime.types import Floats, Frame


class SpeechLine:
    """Lets pictures wait for their sound, where a generator wants it.

    Attributes:
        box: where the camera's pictures go.
    """

    def __init__(self, settings: FilterSettings, clock: Clock) -> None:
        self._speech = speech = live_speech(settings, clock)
        self.box: Box[Frame] = Latest()
        if speech is not None:
            box = self.box = Ripening[Frame](speech.wait)
            speech.heard = box.nudge

    def connect(self, session: Session, microphone: Microphone | None) -> None:
        """Let ``session`` have the sound of a microphone; None is silence."""
        speech = self._speech
        if speech is None:
            return
        session.hear = speech
        if microphone is None:
            return
        before = microphone.heard

        def heard(samples: Floats, captured: int) -> None:
            before(samples, captured)
            speech.hear(samples, captured)

        microphone.heard = heard

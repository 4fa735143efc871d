"""The microphone that a face in ``visavis camera`` follows, and what the status line says of it."""

from __future__ import annotations

from contextlib import ExitStack

from realtime.build import open_voice
from realtime.clock import Clock
from realtime.commands.errors import CommandError, Exit
from realtime.commands.sound_line import SoundLine
from realtime.sound.devices import NoPortAudioError, names, refresh
from realtime.sound.keeper import Keeper
from realtime.sources.microphone import Microphone
from realtime.types import Floats
from realtime.voice.drive import Aim
from realtime.voice.follow import Guide
from realtime.voice.live import Changed, LiveVoice
from realtime.voice.reading import Hears, Reading
from realtime.voice.share import SharedVoice


class VoiceLine:
    """Listens to the microphone whose sound goes along, or to one that is opened for that alone.

    The microphone needs not be there: it is used as soon as it is.
    """

    def __init__(
        self, microphone: str, clock: Clock, guide: Guide, sound: SoundLine | None, changed: Changed
    ) -> None:
        self._stack = ExitStack()
        self._guide = guide
        shared = SharedVoice(open_voice)
        self._stack.callback(shared.close)
        self.voice = LiveVoice(shared.take, clock, changed)
        self._stack.callback(self.voice.close)
        self._owned = sound is None
        self.microphone = Microphone(microphone, clock) if sound is None else sound.microphone

    def __enter__(self) -> VoiceLine:
        before = self.microphone.heard

        def heard(samples: Floats, captured: int) -> None:
            before(samples, captured)
            self.voice.hear(samples)

        self.microphone.heard = heard
        self.voice.guide = self._guide
        if self._owned:
            self._stack.enter_context(Keeper((self.microphone,), refresh))
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def state(self) -> str:
        """Return what the status line says of it."""
        return told(self.voice.reading, self.voice.aim)


def voice_line(
    microphone: str | None, clock: Clock, guide: Guide, sound: SoundLine | None, changed: Changed
) -> VoiceLine | None:
    """Return what listens, if the face is to follow the voice.

    Raises:
        CommandError: no microphone can be had on this machine as it is.
    """
    if not guide.follow.on:
        return None
    try:
        names("sources")  # a device may come later, PortAudio will not
    except NoPortAudioError as error:
        raise CommandError(str(error), Exit.MISSING) from error
    return VoiceLine(microphone or "default", clock, guide, sound, changed)


def told(reading: Reading | None, aim: Aim | None) -> str:
    """Return what is heard and shown, in a few words."""
    if reading is None:
        return "voice off"
    if reading.hears is Hears.HEARD and reading.estimate is not None:
        what = f"{reading.estimate.emotion} {reading.estimate.confidence:.2f}"
    else:
        what = reading.hears.value
    return f"voice {what}" if aim is None else f"voice {what} → {aim.name} {aim.intensity:.1f}"

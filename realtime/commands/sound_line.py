"""The microphone's way through ``visavis camera``, beside the picture's."""

from __future__ import annotations

import platform
from contextlib import ExitStack

from realtime.clock import MS, SECOND, Clock
from realtime.commands.errors import CommandError, Exit
from realtime.config import CameraSettings
from realtime.health import VIRTUAL_MICROPHONE
from realtime.sinks.virtual_microphone import VirtualMicrophone
from realtime.sound.delay import PlayoutDelay
from realtime.sound.devices import NoPortAudioError, SoundError, first_virtual, names, refresh
from realtime.sound.keeper import Keeper
from realtime.sound.tape import RATE
from realtime.sources.microphone import Microphone


class SoundLine:
    """Microphone, virtual microphone and the delay that they share with the picture.

    Neither device needs to be there: each is used as soon as it is.
    """

    def __init__(self, microphone: str, virtual: str, clock: Clock, delay: PlayoutDelay) -> None:
        self.delay = delay
        self.microphone = Microphone(microphone, clock)
        self.virtual = VirtualMicrophone(virtual, clock, self.microphone.tape, delay)
        self.keeper = Keeper((self.microphone, self.virtual), refresh)
        self._stack = ExitStack()

    def __enter__(self) -> SoundLine:
        self._stack.enter_context(self.keeper)
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    @property
    def route(self) -> str:
        """From where to where the sound goes."""
        return f"{self.microphone.device} goes to {self.virtual.device}"

    def state(self) -> str:
        """Return what the status line says of it."""
        gone = [link.title for link in (self.microphone, self.virtual) if not link.alive]
        if gone:
            return f"no {gone[0]}"
        return f"sound {self.virtual.error / MS:+.0f} ms of {self.delay.ns / MS:.0f}"

    @property
    def gaps(self) -> int:
        """How often a driver was not served in time."""
        return self.microphone.overflows + self.virtual.underflows

    def lost(self) -> str:
        """Return in one sentence what of the sound did not arrive as it was."""
        head, tape = self.virtual.follower, self.microphone.tape
        return (
            f"Sound: {head.skipped / RATE:.2f} s left out, {head.waits} waits, "
            f"{head.underruns} underruns, {tape.overflowed / RATE:.2f} s overflowed, "
            f"{self.gaps} gaps at the drivers, {self.keeper.losses} losses of a device."
        )


def sound_line(settings: CameraSettings, clock: Clock) -> SoundLine | None:
    """Return the line that ``settings`` ask for; None where they ask for no sound.

    Raises:
        CommandError: sound was asked for, and cannot be had on this machine as it is.
    """
    if settings.microphone is None and settings.virtual_microphone is None:
        return None
    microphone = settings.microphone or "default"
    try:
        names("sources")  # a device may come later, PortAudio will not
    except NoPortAudioError as error:
        raise CommandError(str(error), Exit.MISSING) from error
    virtual = settings.virtual_microphone or _first(microphone)
    if microphone in (virtual, f"{virtual}.monitor"):
        raise CommandError(
            f"{microphone} would hear what visavis plays into {virtual}: choose another",
            Exit.USAGE,
        )
    frame = round(SECOND / settings.fps)
    offset = round(settings.sound_offset_ms * MS)
    return SoundLine(microphone, virtual, clock, PlayoutDelay(frame, offset))


def _first(microphone: str) -> str:
    try:
        return first_virtual(microphone)
    except SoundError as error:
        mend = VIRTUAL_MICROPHONE.get(platform.system(), "")
        raise CommandError(f"{error}; to make one: {mend}", Exit.NO_DEVICE) from error

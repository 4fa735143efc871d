"""``visavis calibrate``: how far picture and sound of a set-up are apart, and what mends it."""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from functools import partial
from typing import Protocol

import cv2
import numpy as np

from realtime.calibration import (
    FLASH_S,
    Verdict,
    beep,
    beep_times,
    cells,
    flash_times,
    marks,
    verdict,
)
from realtime.clock import SECOND, Clock, SystemClock
from realtime.commands import Subparsers
from realtime.commands.edit_options import number
from realtime.commands.errors import CommandError, Exit
from realtime.config import CameraSettings, Config
from realtime.health import State, cameras
from realtime.sound.devices import (
    NoPortAudioError,
    SoundError,
    first_virtual,
    open_speaker,
    returned,
)
from realtime.sound.tape import BEFORE, RATE, Tape
from realtime.sources.camera import CameraError, CameraSource
from realtime.sources.devices import open_camera
from realtime.sources.microphone import Microphone
from realtime.types import Floats

WARM_S = 3.0
"""Before the first flash: devices need so long until they run evenly."""

LAST_S = 1.5
"""After the last flash: so late it may come back."""

FINE_MS = 20.0
"""Nobody notices less."""

MOST_MS = 500.0
"""The settings take no greater offset."""


class Screen(Protocol):
    """Something that a camera can look at."""

    def show(self, lit: bool) -> None:
        """Be bright, or dark."""
        ...

    def close(self) -> None:
        """Go away; idempotent."""
        ...


def add_parser(subparsers: Subparsers) -> None:
    """Describe the arguments."""
    line = "measure how far picture and sound of your set-up are apart"
    parser = subparsers.add_parser(
        "calibrate",
        help=line,
        description=f"{line[0].upper()}{line[1:]}. Start 'visavis camera --microphone DEV' in "
        "another terminal, point its camera at the screen and let its microphone hear the "
        "loudspeaker. A window then flashes and the loudspeaker beeps; what comes back through "
        "the virtual camera and the virtual microphone is compared.",
        epilog="With --picture and --sound naming the real camera and microphone, it measures "
        "what they, screen and loudspeaker do without visavis.",
    )
    parser.add_argument(
        "--picture", metavar="DEV", help="the camera to watch (default: the virtual camera)"
    )
    parser.add_argument(
        "--sound",
        metavar="DEV",
        help="the microphone to listen to (default: what the virtual microphone gives)",
    )
    parser.add_argument(
        "--speaker", metavar="DEV", default="default", help="what beeps (default: the system's)"
    )
    parser.add_argument(
        "--seconds", type=number(4, 600), default=20.0, metavar="S", help="how long (default: 20)"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, config: Config) -> int:
    """Measure, and say what to put into the settings."""
    clock = SystemClock()
    settings = replace(config.camera, device=args.picture or _virtual_camera(config.camera))
    try:
        sound = args.sound or _virtual_microphone(config.camera)
        with ExitStack() as stack:
            camera = CameraSource(
                partial(open_camera, settings, clock, threading.Event().wait), clock
            )
            stack.callback(camera.close)
            screen = open_screen()
            stack.callback(screen.close)
            found = measure(camera, sound, args.speaker, screen, clock, args.seconds)
    except CameraError as error:
        raise CommandError(str(error), Exit.NO_DEVICE) from error
    except NoPortAudioError as error:
        raise CommandError(str(error), Exit.MISSING) from error
    except SoundError as error:
        raise CommandError(str(error), Exit.NO_DEVICE) from error
    if args.json:
        now = config.camera.sound_offset_ms
        print(json.dumps({**asdict(found), "sound_offset_ms": setting(found, now)}, indent=2))
    else:
        print(described(found, config.camera.sound_offset_ms))
    return Exit.FINE if found.offset_ms is not None else Exit.UNREADABLE


def measure(
    camera: CameraSource, sound: str, speaker: str, screen: Screen, clock: Clock, seconds: float
) -> Verdict:
    """Flash and beep for ``seconds``, and return what came back of it."""
    due = marks(clock.now() + round(WARM_S * SECOND), seconds)
    tape = Tape(round((WARM_S + seconds + LAST_S + 3) * RATE))
    seen: list[tuple[int, Floats]] = []

    def fill(count: int, ahead: int, dry: bool) -> Floats:
        return beep(clock.now() + ahead, count, due, RATE)

    microphone = Microphone(sound, clock, tape=tape)
    with ExitStack() as stack:
        stack.callback(microphone.close)
        microphone.open()
        stack.callback(open_speaker(speaker, fill).close)
        stack.enter_context(_watching(camera, seen))
        shown = [_flash(screen, clock, at) for at in due]
        _wait(clock, due[-1] + round(LAST_S * SECOND))
    flashes = flash_times(seen, shown)
    return verdict(due, shown, flashes, _heard(tape, due))


def described(found: Verdict, now_ms: float) -> str:
    """Return the verdict for a person; ``now_ms`` is the offset that is set already."""
    back = f"{found.seen} flashes and {found.heard} beeps of {found.sent} came back."
    if found.offset_ms is None:
        lacking: list[str] = []
        if not found.seen:
            lacking.append("no flash was seen: does the camera look at the screen?")
        if not found.heard:
            lacking.append("no beep was heard: is the loudspeaker loud enough?")
        why = " ".join(lacking) or "no flash and beep belong together"
        return f"{back} {why}"
    which = "sound before its picture" if found.offset_ms > 0 else "picture before its sound"
    line = f"{back} {abs(found.offset_ms):.0f} ms {which} (spread {found.spread_ms:.0f} ms)."
    if abs(found.offset_ms) <= FINE_MS:
        return f"{line}\nThat is in step: nothing to mend."
    return f"{line}\nTo mend it, write into the settings:\n\n[camera]\n" + (
        f"sound_offset_ms = {setting(found, now_ms):.0f}"
    )


def setting(found: Verdict, now_ms: float) -> float | None:
    """Return the offset to set so that nothing is left of what was found."""
    if found.offset_ms is None:
        return None
    return min(MOST_MS, max(-MOST_MS, round(now_ms + found.offset_ms)))


def open_screen() -> Screen:
    """Open a window that fills the screen.

    Raises:
        CommandError: there is no screen.
    """
    none = "no window can be opened here; calibrate needs a screen that the camera sees"
    # Qt, which OpenCV draws with on Linux, ends the whole process where there is no display.
    if sys.platform.startswith("linux") and not {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ):
        raise CommandError(none, Exit.NO_DEVICE)
    try:
        return Window()
    except cv2.error as error:
        raise CommandError(none, Exit.NO_DEVICE) from error


class Window:
    """The whole screen, black or white; belongs to the main thread."""

    TITLE = "visavis calibrate"

    def __init__(self) -> None:
        cv2.namedWindow(self.TITLE, cv2.WINDOW_NORMAL)
        cv2.setWindowProperty(self.TITLE, cv2.WND_PROP_FULLSCREEN, cv2.WINDOW_FULLSCREEN)
        self.show(False)

    def show(self, lit: bool) -> None:
        """Be white, or black."""
        cv2.imshow(self.TITLE, np.full((90, 160), 255 if lit else 0, np.uint8))
        cv2.waitKey(1)

    def close(self) -> None:
        """Close the window; idempotent."""
        cv2.destroyAllWindows()


def _flash(screen: Screen, clock: Clock, at: int) -> int:
    """Light the screen at ``at`` for a moment; return when it was lit."""
    _wait(clock, at)
    screen.show(True)
    lit = clock.now()
    _wait(clock, at + round(FLASH_S * SECOND))
    screen.show(False)
    return lit


def _wait(clock: Clock, until: int) -> None:
    while (left := until - clock.now()) > 0:
        threading.Event().wait(left / SECOND)


def _heard(tape: Tape, due: list[int]) -> dict[int, int]:
    start = tape.time_of(BEFORE)
    samples = tape.read(BEFORE, tape.end - 2 * RATE // 100) if tape.end > RATE else None
    if start is None or samples is None:
        return {}
    return beep_times(samples, start, RATE, due)


@contextmanager
def _watching(camera: CameraSource, seen: list[tuple[int, Floats]]) -> Generator[None]:
    """Note each picture of ``camera`` meanwhile."""

    def watch() -> None:
        seen.extend((frame.captured, cells(frame.planes[0])) for frame in camera.frames())

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        camera.close()
        thread.join(5)


def _virtual_camera(settings: CameraSettings) -> str:
    if settings.virtual_device is not None:
        return settings.virtual_device
    for found in cameras():
        if found.area == "virtual cameras" and found.state is State.OK:
            return found.name
    raise CommandError("there is no virtual camera to watch (visavis doctor)", Exit.NO_DEVICE)


def _virtual_microphone(settings: CameraSettings) -> str:
    played = settings.virtual_microphone or first_virtual(settings.microphone or "default")
    return returned(played)

"""Sound and picture at the virtual devices: the parts of ``visavis camera`` between two null sinks.

A film of flashes plays as the camera; its beeps play into the null sink ``room``, whose monitor is
the microphone. The picture is taken where pyvirtualcam hands it to a device, the sound where the
null sink ``visavis`` gives it to others. Beeps are recorded in the room as well, by a recorder of
the same kind: what player and recorders need themselves falls out, and what is left is how much
longer the flash took than the beep.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench.av_sync.clip import FPS, sound
from bench.av_sync.detect import Offset, beep_onsets, flash_onsets, level, matches, usual_distance
from bench.av_sync.pulse import RATE, Pulse, Recording
from realtime.box import Latest
from realtime.clock import SECOND, Clock, SystemClock
from realtime.commands.sound_line import SoundLine
from realtime.config import CameraSettings
from realtime.filter import Filter
from realtime.session import Reader, Session, Sink
from realtime.sinks.paced import Paced
from realtime.sinks.virtual_camera import open_virtual_camera
from realtime.sound.delay import PlayoutDelay
from realtime.sources.camera import CameraSource, Device
from realtime.sources.devices import open_camera
from realtime.types import Edit, Filtered, Frame, Pixels

ROUND_S = 10.0
"""Length of the film; it plays round and round."""

WARM_S = 3.0
"""Before the clip: a sound server needs up to two seconds until a new stream flows evenly."""

SETTLE_S = 3.0
"""Before the first that counts: the delay finds its value."""

Delay = Callable[[int], int]
"""How much longer the filter takes, by the time since counting began; nanoseconds both."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What went through the devices.

    Attributes:
        offsets: of each flash and its beep, positive where sound is early.
        started: when counting began.
        pictures: how many arrived since then, and how many were dropped as too late.
        lost: what became of the sound, in a sentence.
        gaps: how often a driver was not served in time: what a machine that is too busy does.
        playout: the delay at the end.
    """

    offsets: list[Offset]
    started: int
    pictures: int
    late: int
    lost: str
    gaps: int
    playout: int


@dataclass(slots=True)
class Levels:
    """Brightness of the patch that flashes, by time."""

    seen: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])

    def note(self, at: int, luma: Pixels) -> None:
        """Add a picture."""
        self.seen.append((at, level(luma)))


class Watched:
    """A camera whose pictures are noted with the time at which they were taken."""

    def __init__(self, device: Device, levels: Levels) -> None:
        self._device = device
        self._levels = levels
        self.name, self.size = device.name, device.size

    def frames(self) -> Iterator[Frame]:
        """Yield the camera's frames."""
        for frame in self._device.frames():
            self._levels.note(frame.captured, frame.planes[0])
            yield frame

    def close(self) -> None:
        """Close the camera."""
        self._device.close()


class Detour:
    """Passes each picture on so much later, on a thread of its own: a filter with a long pipe."""

    def __init__(self, sink: Sink, clock: Clock, delay: Delay) -> None:
        self._sink = sink
        self._clock = clock
        self._delay = delay
        self._waiting: deque[tuple[int, Filtered]] = deque()
        self._cond = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def send(self, filtered: Filtered) -> None:
        """Take a picture."""
        now = self._clock.now()
        with self._cond:
            self._waiting.append((now + self._delay(now), filtered))
            self._cond.notify()

    def close(self) -> None:
        """End, and close the sink; idempotent."""
        with self._cond:
            self._closed = True
            self._cond.notify()
        self._thread.join(5)
        self._sink.close()

    def _run(self) -> None:
        while True:
            with self._cond:
                self._cond.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                at, filtered = self._waiting.popleft()
            if (pause := at - self._clock.now()) > 0:
                time.sleep(pause / SECOND)
            self._sink.send(filtered)


@contextmanager
def virtual_camera(levels: Levels, clock: Clock) -> Generator[None]:
    """Put a device in place of every back-end of pyvirtualcam that notes what it is given."""
    import pyvirtualcam.camera

    class Backend:
        def __init__(self, *, width: int, height: int, **_: Any) -> None:
            self._shape = (height, width)

        def close(self) -> None:
            pass

        def send(self, frame: Pixels) -> None:
            height, width = self._shape
            levels.note(clock.now(), frame.ravel()[: height * width].reshape(height, width))

        def device(self) -> str:
            return "bench"

        def native_fourcc(self) -> None:
            return None

    before = dict(pyvirtualcam.camera.BACKENDS)
    pyvirtualcam.camera.BACKENDS.clear()
    pyvirtualcam.register_backend("bench", Backend)
    try:
        yield
    finally:
        pyvirtualcam.camera.BACKENDS.clear()
        pyvirtualcam.camera.BACKENDS.update(before)


def measure(
    film: Path,
    filter: Filter,
    delay: Delay,
    seconds: float,
    *,
    edit: Edit | None = None,
) -> Passage:
    """Play ``film`` and its sound for ``seconds`` and return what came out; closes ``filter``."""
    clock = SystemClock()
    taken, shown = Levels(), Levels()
    settings = CameraSettings(device=str(film), fps=FPS)
    playout = PlayoutDelay(SECOND // FPS)
    with ExitStack() as stack:
        pulse = stack.enter_context(Pulse("room", "visavis"))
        stack.enter_context(virtual_camera(shown, clock))
        room, out = pulse.record("room"), pulse.record("visavis")
        pulse.speak("room").say(sound(WARM_S + SETTLE_S + seconds + 5))
        source = CameraSource(partial(_watched, settings, clock, taken), clock)
        stack.callback(source.close)
        virtual = open_virtual_camera(*source.size, FPS, None)
        paced = Paced(virtual, clock, playout)
        started = clock.now() + round((WARM_S + SETTLE_S) * SECOND)
        detour = Detour(paced, clock, lambda now: delay(now - started))
        box: Latest[Frame] = Latest()
        session = Session(box, filter, [detour], budget=SECOND, edit=edit)
        stack.enter_context(session)
        line = stack.enter_context(SoundLine("room.monitor", "visavis", clock, playout))
        worker = threading.Thread(target=session.run, daemon=True)
        time.sleep(WARM_S)
        with _joined(worker), Reader(source, box):
            time.sleep(max(0, started - clock.now()) / SECOND)
            before, late = virtual.sent, paced.late
            time.sleep(seconds)
            lost, gaps, delay_now = line.lost(), line.gaps, playout.ns
    flashes = flash_onsets(taken.seen), flash_onsets(shown.seen)
    heard = _beeps(room), _beeps(out)
    offsets = [o for o in offsets_of(flashes, heard) if o.at >= started]
    return Passage(
        offsets, started, virtual.sent - before, paced.late - late, lost, gaps, delay_now
    )


def offsets_of(
    flashes: tuple[Sequence[int], Sequence[int]], beeps: tuple[Sequence[int], Sequence[int]]
) -> list[Offset]:
    """Return how much longer each flash took than sound did at that moment, by (in, out) times.

    Film and sound start whenever they start: what is compared is the moment, not the mark.
    """
    shown = matches(*flashes, usual_distance(*flashes))
    heard = matches(*beeps, usual_distance(*beeps))
    if not heard:
        return []
    at, took = [taken for taken, _ in heard], [out - taken for taken, out in heard]
    return [
        Offset(taken, out - taken - round(float(np.interp(taken, at, took))))
        for taken, out in shown
        if at[0] <= taken <= at[-1]
    ]


def _watched(settings: CameraSettings, clock: Clock, levels: Levels) -> Device:
    return Watched(open_camera(settings, clock, threading.Event().wait), levels)


def _beeps(recording: Recording) -> list[int]:
    samples = recording.samples()
    if not len(samples) or not np.any(samples):
        return []
    return recording.times(beep_onsets(samples, RATE))


@contextmanager
def _joined(thread: threading.Thread) -> Generator[None]:
    """Run ``thread`` meanwhile; it ends once its frames do."""
    thread.start()
    yield
    thread.join(5)

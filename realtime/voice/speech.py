"""The sound about a picture as a generator hears it: a spectrogram that grows as the sound comes.

The network was taught with sound up to ``LOOK_AHEAD_MS`` after its picture. A live picture waits
for it, in a box, beside those that come after it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache

import numpy as np

from engines.wav2lip_emotion.live import LOOK_AHEAD_MS, columns_up_to, last_column, silence
from kernels import cpu
from kernels.reference.mel import WAV2LIP
from realtime.clock import MS, SECOND, Clock
from realtime.face.generator import asks_nothing
from realtime.sound.sample_clock import SampleClock
from realtime.types import Edit, Floats, Frame
from realtime.voice.ear import LIVE_RATE
from realtime.voice.hearing import Downsampler

LOOK_AHEAD = LOOK_AHEAD_MS * MS

LATE = 8
"""Columns, 80 of which are a second, by which sound may be late: then the window ends sooner. Where
more are missing there is no sound."""

GONE = 250 * MS
"""After so long without sound none is waited for."""

PATIENCE = 35 * MS
"""How much longer than the look-ahead a picture waits: sound is on its way for a while, and comes
in blocks of 20 ms."""

NEEDED = 30 * MS
"""What is left of a picture's budget for the work on it, however late the sound is."""

MOST = LIVE_RATE // 2
"""Samples kept while no picture asks for them."""

Block = tuple[int, Floats]


def quiet(frame: Frame, edit: Edit) -> Floats:
    """Return silence: there is no microphone."""
    return silence()


class LiveSpeech:
    """Takes in sound on one thread, and is asked about pictures on another.

    Args:
        budget: nanoseconds after its capture at which a picture must be shown, the look-ahead
            included.
    """

    def __init__(self, clock: Clock, budget: int) -> None:
        warm_up()
        self._clock = clock
        self._longest = min(LOOK_AHEAD + PATIENCE, max(0, budget - NEEDED))
        self._lock = threading.Lock()
        self._times = SampleClock(LIVE_RATE)
        self._blocks: deque[Block] = deque()
        self._held = self._end = 0
        self._last: int | None = None
        self._wanted = False
        self._columns = _Columns(0)
        self.heard: Callable[[], None] = lambda: None

    def hear(self, samples: Floats, captured: int) -> None:
        """Take in mono ``samples`` [n] at 48 kHz, the first taken at ``captured``; microseconds."""
        with self._lock:
            self._times.note(self._end, captured)
            self._blocks.append((self._end, samples))
            self._end += len(samples)
            self._held += len(samples)
            while self._held > MOST:
                self._held -= len(self._blocks.popleft()[1])
            self._last = self._clock.now()
        self.heard()

    def wait(self, frame: Frame) -> float:
        """Return for how many seconds ``frame`` should wait for its sound; 0 for no longer."""
        now = self._clock.now()
        left = frame.captured + self._longest - now
        if not self._wanted or left <= 0:
            return 0.0
        with self._lock:
            newest = self._times.time_of(self._end)
            if newest is None or self._last is None or now - self._last > GONE:
                return 0.0
        missing = frame.captured + LOOK_AHEAD - newest
        return min(missing, left) / SECOND if missing > 0 else 0.0

    def __call__(self, frame: Frame, edit: Edit) -> Floats:
        """Return [80, 16] of the sound about ``frame``; silence where there is none."""
        self._wanted = not asks_nothing(edit)
        if not self._wanted:
            return silence()
        with self._lock:
            blocks, self._held = tuple(self._blocks), 0
            self._blocks.clear()
            at = self._times.position_at(frame.captured)
        for begin, samples in blocks:
            if begin != self._columns.end:
                self._columns = _Columns(begin)
            self._columns.push(samples)
        return silence() if at is None else self._columns.window(at)


class _Columns:
    """The spectrogram of sound without a gap, from position ``begin`` on, at 48 kHz."""

    def __init__(self, begin: int) -> None:
        self._begin = begin
        self._sampler = Downsampler(LIVE_RATE)
        self._ring = cpu.MelRing(WAV2LIP)
        self.end = begin

    def push(self, samples: Floats) -> None:
        self.end += len(samples)
        self._ring.push(self._sampler(samples))

    def window(self, at: float) -> Floats:
        last = last_column((at - self._begin) / LIVE_RATE)
        newest = self._ring.made - 1
        return window(self._ring, newest if newest < last <= newest + LATE else last)


@cache
def warm_up() -> None:
    """Load what is compiled once, which the first picture would wait for; once is enough."""
    columns = _Columns(0)
    columns.push(np.zeros(LIVE_RATE // 10, np.float32))
    columns.window(0.0)


class FiledSpeech:
    """The same of a file, whose sound is there already.

    Args:
        speech: mono pieces at 16 kHz, one after another from time ``begin`` on.
        begin: seconds, on the clock that the pictures' time stamps count from ``origin``.
        origin: what the file's own clock says where the time stamps say 0, in seconds.
    """

    def __init__(self, speech: Iterator[Floats], begin: Fraction, origin: Fraction) -> None:
        self._speech = speech
        self._before = origin - begin
        self._ring = cpu.MelRing(WAV2LIP)

    def __call__(self, frame: Frame, edit: Edit) -> Floats:
        """Return [80, 16] of the sound about ``frame``."""
        last = last_column(float(frame.pts * frame.time_base + self._before))
        while self._ring.made <= last:
            piece = next(self._speech, None)
            if piece is None:
                self._ring.finish()
                break
            self._ring.push(piece)
        return window(self._ring, last)


def window(ring: cpu.MelRing, last: int) -> Floats:
    """Return [80, 16]: the columns up to ``last``, silence in place of those that are not there."""
    return columns_up_to(
        last, ring.oldest, ring.made, lambda begin, end: ring.window(begin, end - begin)
    )

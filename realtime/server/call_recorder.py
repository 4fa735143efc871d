"""What is recorded of one call: begun and ended by its page, fed by its tracks and controls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from realtime.clock import Clock
from realtime.recording.recorder import Recorder, RecordingError
from realtime.server.archive import Archive
from realtime.server.messages import Stream
from realtime.server.replies import Recording
from realtime.types import Filtered, Floats, Frame

NOTED = ("edit", "show", "follow", "bounds")
"""The replies that go into the log."""


class CallRecorder:
    """Holds at most one recording. Its taps may be called whether it records or not.

    :meth:`begin`, :meth:`end`, :meth:`told` and :meth:`finish` belong to the event loop, the others
    to any thread. ``on_change`` hears how the recording stands.
    """

    def __init__(self, archive: Archive | None, clock: Clock) -> None:
        self._archive = archive
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._recorder: Recorder | None = None
        self._what: tuple[Stream, ...] = ()
        self._state: dict[str, Mapping[str, object]] = {}
        self._ended: set[asyncio.Future[None]] = set()
        self.on_change: Callable[[Recording], None] = lambda _: None

    @property
    def on(self) -> bool:
        """Whether something is being recorded."""
        return self._recorder is not None

    def begin(self, what: tuple[Stream, ...], *, sound: bool) -> None:
        """Begin to record, unless that goes on already."""
        if self._recorder is not None:
            self.on_change(Recording(on=True, what=self._what))
            return
        try:
            self._recorder = self._open(what, sound)
        except RecordingError as error:
            self.on_change(Recording(on=False, what=what, error=str(error)))
            return
        self._what = what
        self.on_change(Recording(on=True, what=what))

    def end(self) -> None:
        """Ask the recording to end; ``on_change`` hears when it has."""
        if self._recorder is not None:
            self._recorder.stop()
        else:
            self.on_change(Recording(on=False))

    def close(self) -> None:
        """Do nothing: a recording may outlive the filter."""

    async def finish(self) -> None:
        """End it and wait until its files are whole."""
        if self._recorder is not None:
            self._recorder.stop()
        await asyncio.gather(*self._ended)

    def came(self, frame: Frame) -> None:
        """Take in the camera's own picture."""
        if (recorder := self._recorder) is not None:
            recorder.came(frame)

    def send(self, filtered: Filtered) -> None:
        """Take in what is shown of it; a sink of the filter's."""
        if (recorder := self._recorder) is not None:
            recorder.shown(filtered)

    def heard(self, samples: Floats, captured: int) -> None:
        """Take in sound."""
        if (recorder := self._recorder) is not None:
            recorder.heard(samples, captured)

    def panicked(self) -> None:
        """Note that the edit was dropped at once."""
        if self._recorder is not None:
            self._recorder.note("panic", {"ramp_ms": 0.0}, self._clock.now())

    def driven(self, words: Mapping[str, object]) -> None:
        """Note what the voice makes the face show, and what was heard."""
        if (recorder := self._recorder) is not None:
            recorder.note("voice", words, self._clock.now())

    def told(self, message: Mapping[str, object]) -> None:
        """Note what page and controllers are told of the state."""
        words = dict(message)
        kind = str(words.pop("type", ""))
        if kind in NOTED:
            self._state[kind] = words
            if self._recorder is not None:
                self._recorder.note(kind, words, self._clock.now())

    def _open(self, what: tuple[Stream, ...], sound: bool) -> Recorder:
        if self._archive is None:
            raise RecordingError("This server does not record.")
        ended = self._loop.create_future()

        def on_end(reason: str) -> None:
            self._loop.call_soon_threadsafe(self._finish, reason, ended)

        recorder = self._archive.begin(what, self._clock.now(), self._state, on_end, sound=sound)
        self._ended.add(ended)
        return recorder

    def _finish(self, reason: str, ended: asyncio.Future[None]) -> None:
        recorder, self._recorder = self._recorder, None
        if recorder is not None and self._archive is not None:
            files = self._archive.addresses(recorder)
            self.on_change(Recording(False, self._what, files, reason or None))
        self._ended.discard(ended)
        if not ended.done():
            ended.set_result(None)

"""One run of the filter: frames out of a box, through the filter, into sinks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType
from typing import Protocol

from realtime.box import Box, Closed
from realtime.clock import MS, Deadline
from realtime.filter import Filter
from realtime.presentation import Presentation
from realtime.types import PANIC, Edit, Filtered, Floats, Frame, Show

logger = logging.getLogger(__name__)

Lead = Callable[[Frame, Edit], Edit]
"""Returns the edit for a frame where another was chosen: the voice's way to the face."""

Hear = Callable[[Frame, Edit], Floats]
"""Returns what a generator hears of a frame's sound, [80, 16], where this edit is to be shown."""

REST_NS = 700 * MS
"""How long a face is looked at that is said to be at rest; a blink is over in a fifth of it."""

JOIN_S = 5.0
"""How long a source that was told to stop is waited for."""


def own_choice(frame: Frame, edit: Edit) -> Edit:
    """Return the edit that was chosen: nothing leads."""
    return edit


class SourceError(Exception):
    """The source stopped for a reason other than its end."""


class Source(Protocol):
    """Something that yields frames until it ends."""

    def frames(self) -> Iterable[Frame]:
        """Yield frames as they come; may block."""
        ...

    def close(self) -> None:
        """Stop; unblocks ``frames``; idempotent."""
        ...


class Sink(Protocol):
    """Something that shows or stores filtered frames."""

    def send(self, filtered: Filtered) -> None:
        """Deliver one frame; must not block for longer than a frame when live."""
        ...

    def close(self) -> None:
        """Flush and release; idempotent."""
        ...


class Session:
    """Takes frames from ``box`` through the filter into ``sinks``, on the caller's thread.

    ``box`` decides what happens when the filter is slower than the source: ``Latest`` for
    cameras and calls, ``Lossless`` for files. ``lead`` may turn what was chosen into another
    edit, frame by frame. ``show`` without a value adds nothing to the
    filter's picture. ``budget`` (nanoseconds after capture) is None
    for files: never late. Owns the filter and the sinks and closes them.
    """

    def __init__(
        self,
        box: Box[Frame],
        filter: Filter,
        sinks: Sequence[Sink],
        *,
        budget: int | None,
        edit: Edit | None = None,
        show: Show | None = None,
        lead: Lead = own_choice,
    ) -> None:
        self._box = box
        self.filter = filter
        self._sinks = sinks
        self._budget = budget
        self._lead = lead
        self._present = Presentation()
        self._stack = ExitStack()
        self.edit = edit or Edit()  # replaced whole by whoever controls; a reference swap is atomic
        self.show = show or Show(badge=False, mark=False)  # the same
        self.hear: Hear | None = None  # what a generator listens to; None where there is none
        self._rest_asked = False
        self._rest_until = 0
        self.unshown = 0  # frames for which there was nothing yet that may be shown

    def __enter__(self) -> Session:
        for sink in self._sinks:
            self._stack.callback(sink.close)
        self._stack.callback(self.filter.close)
        self._stack.callback(self._box.close)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def run(self) -> None:
        """Process frames until the box is closed.

        Raises:
            SourceError: the box was closed because of an error, which is the cause.
        """
        try:
            while True:
                self.step()
        except Closed as end:
            if end.__cause__ is not None:
                raise SourceError(str(end.__cause__)) from end.__cause__

    def panic(self) -> None:
        """Drop the edit at once; it stays dropped until another is given."""
        self.edit = PANIC

    def take_rest(self) -> None:
        """Take the largest face of the next pictures for how it looks at rest."""
        self._rest_asked = True

    def step(self) -> None:
        """Process one frame."""
        frame = self._box.get()
        if self._rest_asked:
            self._rest_asked, self._rest_until = False, frame.captured + REST_NS
        if frame.captured < self._rest_until:
            frame = replace(frame, at_rest=True)
        at = None if self._budget is None else frame.captured + self._budget
        edit, show = self._lead(frame, self.edit), self.show
        if self.hear is not None:
            # Nobody sees the picture behind a frozen one: no generator works on it.
            speech = self.hear(frame, Edit() if show.frozen else edit)
            frame = replace(frame, speech=None if show.frozen else speech)
        out = self._present(frame, self.filter(frame, edit, Deadline(at)), edit, show)
        if out is None:
            self.unshown += 1
            return
        for sink in self._sinks:
            sink.send(out)


class Reader:
    """Moves a blocking source's frames into a box on a thread of its own."""

    def __init__(self, source: Source, box: Box[Frame]) -> None:
        self._source = source
        self._box = box
        self._thread = threading.Thread(target=self._read, name="source", daemon=True)

    def __enter__(self) -> Reader:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        with ExitStack() as steps:
            steps.callback(self._join)
            steps.callback(self._box.close)
            steps.callback(self._source.close)

    def _join(self) -> None:
        self._thread.join(JOIN_S)
        if self._thread.is_alive():
            logger.warning("the source did not stop within %g s", JOIN_S)

    def _read(self) -> None:
        try:
            for frame in self._source.frames():
                self._box.put(frame)
            self._box.close()
        except Closed:
            return
        except Exception as exc:  # noqa: BLE001 - the edge of a thread; Session.run raises it again
            self._box.close(exc)

"""The other side of the edge: the process that owns the filter and answers frame by frame."""

from __future__ import annotations

import logging
import signal
import traceback
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from multiprocessing.connection import Connection

from realtime.clock import Deadline
from realtime.filter import Filter
from realtime.isolation.exchange import Answer, Ask, Failed, Ready
from realtime.isolation.memory import Slot

logger = logging.getLogger(__name__)


def work(pipe: Connection, build: Callable[[], Filter]) -> None:
    """Build the filter, then answer until the pipe is closed or its keeper is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the keeper ends this one
    with suppress(EOFError, OSError):
        try:
            filter = build()
        except Exception as error:  # noqa: BLE001 - the edge of a process; the keeper raises it
            pipe.send(_failure(error))
            return
        with closing(filter), closing(_Slots()) as slots:
            pipe.send(Ready(tuple(filter.places)))
            while True:
                pipe.send(_answer(pipe.recv(), filter, slots))


class _Slots:
    """The two slots in use, opened anew when the keeper has made larger ones."""

    def __init__(self) -> None:
        self._open: dict[str, Slot] = {}

    def of(self, ask: Ask) -> tuple[Slot, Slot]:
        """Return the slots that ``ask`` names; those no longer named are let go."""
        names = (ask.inward, ask.outward)
        if set(names) != set(self._open):
            self.close()
            self._open = {name: Slot.open(name) for name in names}
        return self._open[ask.inward], self._open[ask.outward]

    def close(self) -> None:
        """Let go of both."""
        while self._open:
            self._open.popitem()[1].close()


def _answer(ask: Ask, filter: Filter, slots: _Slots) -> Answer | Failed:
    inward, outward = slots.of(ask)
    frame = ask.frame.with_planes(inward.get(ask.shapes))
    try:
        filtered = filter(frame, ask.edit, Deadline(ask.deadline))
    except Exception as error:  # noqa: BLE001 - a bad frame is counted, and the stream goes on
        return _failure(error)
    if filtered is None:
        return Answer(None)
    planes = filtered.frame.planes
    outward.put(planes)
    bare = replace(filtered, frame=replace(filtered.frame, planes=(), speech=None))
    return Answer(bare, tuple(plane.shape for plane in planes))


def _failure(error: Exception) -> Failed:
    return Failed(f"{type(error).__name__}: {error}", traceback.format_exc())

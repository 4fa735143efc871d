"""One process with a filter in it, as its keeper sees it."""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import forkserver
from multiprocessing.context import DefaultContext
from typing import cast

from engines.placement import Placement
from realtime.filter import Filter
from realtime.isolation.child import work
from realtime.isolation.exchange import Answer, Ask, Failed, Ready
from realtime.isolation.memory import Slot, size_of
from realtime.types import Edit, Filtered, Frame

logger = logging.getLogger(__name__)

JOIN_S = 2.0
"""How long a process that was asked to end may take before it is killed."""


class HungError(Exception):
    """The process has had a frame in hand for longer than it may."""


class DeadError(Exception):
    """The process is gone."""


class FrameError(Exception):
    """The filter raised on this frame; it may well do better on the next."""


class StartError(Exception):
    """The process could not build its filter; the text says why."""


class FilterProcess:
    """Starts at once and builds its filter meanwhile; ``ready`` tells when it may be asked.

    Used by one thread at a time.

    Args:
        build: makes the filter there; must be importable, with arguments that can be pickled.
        preload: a module that the first process of all imports, for those forked from it later.
    """

    def __init__(self, build: Callable[[], Filter], *, preload: str = "") -> None:
        context = _context(preload)
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=work, args=(theirs, build), name="filter", daemon=True
        )
        self._process.start()
        theirs.close()
        self._ready = False
        self.places: tuple[Placement, ...] = ()
        self._slots: tuple[Slot, Slot] | None = None

    @property
    def pid(self) -> int | None:
        """The operating system's number of the process."""
        return self._process.pid

    def ready(self, patience: float = 0.0) -> bool:
        """Tell whether it may be asked, after waiting for at most ``patience`` seconds.

        Raises:
            StartError: it could not build its filter, or ended over it.
        """
        if self._ready:
            return True
        try:
            if not self._pipe.poll(patience):
                return False
            message: object = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise StartError("the filter's process ended while it started") from error
        if isinstance(message, Failed):
            logger.error("the filter could not be built\n%s", message.trace)
            raise StartError(message.reason)
        if isinstance(message, Ready):
            self._ready, self.places = True, message.places
        return self._ready

    def ask(
        self, frame: Frame, edit: Edit, deadline: int | None, patience: float
    ) -> Filtered | None:
        """Return what the filter makes of ``frame``.

        Raises:
            HungError: no answer came within ``patience`` seconds.
            DeadError: the process is gone.
            FrameError: the filter raised.
        """
        inward, outward = self._room_for(size_of(frame.planes))
        inward.put(frame.planes)
        shapes = tuple(plane.shape for plane in frame.planes)
        bare = frame.with_planes(())
        try:
            self._pipe.send(Ask(bare, shapes, edit, deadline, inward.name, outward.name))
            if not self._pipe.poll(patience):
                raise HungError
            message: object = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise DeadError from error
        match message:
            case Answer(None):
                return None
            case Answer(filtered, there):
                assert filtered is not None
                planes = outward.get(there)
                return replace(filtered, frame=filtered.frame.with_planes(planes))
            case Failed(reason, trace):
                logger.debug("the filter raised\n%s", trace)
                raise FrameError(reason)
            case _:
                raise DeadError

    def close(self) -> None:
        """End the process, kindly if it listens; idempotent."""
        self._pipe.close()
        if self._process.is_alive():
            self._process.join(JOIN_S)
        self.kill()

    def kill(self) -> None:
        """End the process whatever it is doing; idempotent."""
        if self._process.is_alive():
            self._process.kill()
            self._process.join(JOIN_S)
        self._pipe.close()
        for slot in self._slots or ():
            slot.close()
        self._slots = None

    def _room_for(self, size: int) -> tuple[Slot, Slot]:
        """Return slots that hold ``size`` bytes and everything that was asked before."""
        if self._slots is None or self._slots[0].size < size:
            for slot in self._slots or ():
                slot.close()
            self._slots = (Slot.make(size), Slot.make(size))
        return self._slots


def begin_early(preload: str) -> None:
    """Start the process that others are forked from, which loads ``preload`` at once.

    The first :class:`FilterProcess` would start it too, but later.
    """
    if "forkserver" in multiprocessing.get_all_start_methods():
        _context(preload)
        forkserver.ensure_running()


def _context(preload: str) -> DefaultContext:
    """Return how processes begin: from a server that has loaded everything, where there is one.

    It forks in a fraction of a second what takes seconds to import, and what it has loaded is in
    memory once for all calls.
    """
    forks = "forkserver" in multiprocessing.get_all_start_methods()
    # Each context starts processes; the type hints say so of the default one alone.
    context = cast(
        "DefaultContext", multiprocessing.get_context("forkserver" if forks else "spawn")
    )
    if forks and preload:
        context.set_forkserver_preload([preload])
    return context

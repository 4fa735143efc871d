"""A filter that survives its own process: hung or dead, it is replaced while the call goes on."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from engines.placement import Placement
from realtime.clock import MS, Clock, Deadline
from realtime.filter import FilterState
from realtime.isolation.process import DeadError, FrameError, HungError, StartError
from realtime.stage import Meter, Percentiles
from realtime.types import Edit, Filtered, Frame, Rung

logger = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds that a frame may be in hand before its process counts as hung. The slowest frames of a
machine under load take a fifth of it; with the time to begin anew the picture stands for 2 s."""

FRAMES_LOST = 30
"""Frames in a row that the filter may raise on before it is begun anew."""

STARTS_LOST = 3
"""Starts in a row that may fail before the filter is given up."""

POSES = 8
"""Pictures of a face at rest that are kept for the next process, which else would not know it."""

SPELL = 30_000 * MS
RESTARTS = 3
REST = 5_000 * MS
"""After ``RESTARTS`` within ``SPELL`` the next waits for ``REST``: what dies at each frame would
otherwise keep a core busy with nothing but dying."""


class Runner(Protocol):
    """What :class:`realtime.isolation.process.FilterProcess` is to its keeper."""

    @property
    def places(self) -> Sequence[Placement]:
        """Where its networks run; known once it is ready."""
        ...

    def ready(self, patience: float = 0.0) -> bool:
        """Tell whether it may be asked."""
        ...

    def ask(
        self, frame: Frame, edit: Edit, deadline: int | None, patience: float
    ) -> Filtered | None:
        """Return what the filter makes of ``frame``."""
        ...

    def close(self) -> None:
        """End it kindly."""
        ...

    def kill(self) -> None:
        """End it whatever it is doing."""
        ...


class KeptFilter:
    """Hands frames to a filter elsewhere, and begins another one where that hangs or dies.

    Meanwhile the last filtered picture is repeated, never the unfiltered one, and no call of it
    takes longer than ``patience``. One worker calls it, frame after frame; ``state``,
    ``restarts`` and ``percentiles`` may be read from elsewhere.
    """

    def __init__(
        self, start: Callable[[], Runner], clock: Clock, *, patience: float = PATIENCE
    ) -> None:
        self._start = start
        self._clock = clock
        self._patience = patience
        self._runner: Runner | None = start()
        self._meter = Meter(clock)
        self._shown: Filtered | None = None
        self._poses: list[Frame] = []
        self._posed = False
        self._untold: deque[Frame] = deque()
        self._begun: deque[int] = deque(maxlen=RESTARTS)
        self._failed_starts = 0
        self._failed_frames = 0
        self._closed = False
        self.state = FilterState.STARTING
        self.restarts = 0
        self.failed = 0

    def wait(self, seconds: float) -> KeptFilter:
        """Return once the first process is ready.

        Raises:
            StartError: it failed to start, or takes longer than ``seconds``.
        """
        assert self._runner is not None
        try:
            if not self._runner.ready(seconds):
                raise StartError(f"the filter's process did not start within {seconds:g} s")
        except StartError:
            self.close()
            raise
        self.state = FilterState.RUNNING
        return self

    def __call__(self, frame: Frame, edit: Edit, deadline: Deadline, /) -> Filtered | None:
        """Return the filtered frame, the last one again, or None when there is none yet.

        Raises:
            StartError: the process was lost, and none could be started in its place.
        """
        self._remember(frame)
        runner = self._current()
        if runner is None:
            return self._repeat(frame)
        start = self._clock.now()
        try:
            while self._untold:
                runner.ask(self._untold.popleft(), Edit(), None, self._patience)
            filtered = runner.ask(frame, edit, deadline.at, self._patience)
        except FrameError as error:
            return self._count_failure(frame, error)
        except (HungError, DeadError) as error:
            self._lose(FilterState.HUNG if isinstance(error, HungError) else FilterState.DEAD)
            return self._repeat(frame)
        self._failed_frames = 0
        if filtered is not None:
            self._note(filtered, self._clock.now() - start)
            self._shown = filtered
        return filtered

    @property
    def places(self) -> Sequence[Placement]:
        """Where the networks run in the process there is now."""
        runner = self._runner
        return () if runner is None else runner.places

    def percentiles(self) -> Mapping[str, Percentiles]:
        """Return what each stage took of late, and the way to the process and back."""
        return self._meter.percentiles()

    def close(self) -> None:
        """End the process; idempotent."""
        self._closed = True
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.close()

    def _remember(self, frame: Frame) -> None:
        """Keep the first pictures of a face that is said to be at rest, of the last time it was."""
        if frame.at_rest and not self._posed:
            self._poses = []
        if frame.at_rest and len(self._poses) < POSES:
            self._poses.append(frame)
        self._posed = frame.at_rest

    def _current(self) -> Runner | None:
        """Return the process if it may be asked; begin another where there is none."""
        if self._closed:
            return None
        if self._runner is None:
            if not self._rested():
                return None
            self._begun.append(self._clock.now())
            self._runner = self._start()
        if self.state is FilterState.RUNNING:
            return self._runner
        try:
            if not self._runner.ready():
                return None
        except StartError as error:
            self._failed_starts += 1
            logger.error("the filter could not be begun anew: %s", error)
            self._runner.kill()
            self._runner = None
            if self._failed_starts >= STARTS_LOST:
                raise
            return None
        self._failed_starts = 0
        self.state = FilterState.RUNNING
        return self._runner

    def _rested(self) -> bool:
        """Tell whether another process may be begun now."""
        if len(self._begun) < RESTARTS or self._clock.now() - self._begun[0] > SPELL:
            return True
        return self._clock.now() - self._begun[-1] >= REST

    def _lose(self, why: FilterState) -> None:
        """Begin anew; the process that is lost is killed, for it may only be slow."""
        logger.warning("the filter's process is %s; another takes its place", why.value)
        assert self._runner is not None
        self._runner.kill()
        self._runner = None
        self._failed_frames = 0
        self._untold = deque(self._poses)
        self.state = why
        self.restarts += 1
        self._current()

    def _count_failure(self, frame: Frame, error: FrameError) -> Filtered | None:
        if self._failed_frames == 0:
            logger.warning("the filter failed on a frame: %s", error)
        self.failed += 1
        self._failed_frames += 1
        if self._failed_frames >= FRAMES_LOST:
            self._lose(FilterState.DEAD)
        return self._repeat(frame)

    def _repeat(self, frame: Frame) -> Filtered | None:
        if self._shown is None:
            return None
        picture = replace(
            frame,
            planes=self._shown.frame.planes,
            format=self._shown.frame.format,
            full_range=self._shown.frame.full_range,
        )
        return replace(self._shown, frame=picture, rung=Rung.REPEAT, spent={})

    def _note(self, filtered: Filtered, spent: int) -> None:
        for name, part in filtered.spent.items():
            self._meter.add(name, part)
        if filtered.spent:
            self._meter.add("crossing", max(0, spent - sum(filtered.spent.values())))

"""The filter itself: which stage runs on what, and what to give up when time is short."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import Protocol

from engines.placement import Placement
from realtime.clock import MS, Deadline
from realtime.face.motion import Animation, Canvas, Draft, Pose
from realtime.stage import Meter, Percentiles, Stage
from realtime.types import Edit, Filtered, Frame, Landmarks, Rung

UPHILL = 15
"""Frames in a row that must have room for more before the ladder is climbed again."""


OLDEST = 70 * MS
"""A picture is repeated until one this much newer waits: then a late one is better than a still.

Just above two frames at 30 a second: with three, a stage that takes 100 ms leaves every other round
to a repeat, and the age of what is seen goes up by 70 ms."""


class _Step(Protocol):
    def reset(self) -> None: ...

    def close(self) -> None: ...


class FilterState(str, Enum):
    """How a filter that may hang or die is."""

    STARTING = "starting"
    RUNNING = "running"
    HUNG = "hung"  # it was, and another is on its way
    DEAD = "dead"  # the same


class Filter(Protocol):
    """What turns a frame into the frame the other side sees; one worker calls it."""

    def __call__(self, frame: Frame, edit: Edit, deadline: Deadline, /) -> Filtered | None:
        """Return the filtered frame, or None when there is nothing yet that may be shown."""
        ...

    @property
    def state(self) -> FilterState:
        """How it is; safe to read from another thread."""
        ...

    @property
    def restarts(self) -> int:
        """How often it had to be begun anew."""
        ...

    @property
    def places(self) -> Sequence[Placement]:
        """Where its networks run, and why on nothing quicker; safe to read from another thread."""
        ...

    def percentiles(self) -> Mapping[str, Percentiles]:
        """Return what each stage took of late; safe to call from another thread."""
        ...

    def close(self) -> None:
        """Give back resources; idempotent."""
        ...


class Finish(Protocol):
    """What may come after the geometric edit; :class:`realtime.face.generator.Generator` is one."""

    def __call__(
        self, draft: Draft, meter: Meter, deadline: Deadline, *, hurry: bool = False
    ) -> tuple[Frame, bool]:
        """Return the frame as it is shown, and whether it is finished; in a ``hurry`` it is not."""
        ...

    def reset(self) -> None:
        """Forget the past; called when the stream jumps."""
        ...

    def close(self) -> None:
        """Give back resources; idempotent."""
        ...


def shown_rest(filtering: Filter, frames: Iterable[Frame]) -> bool:
    """Show a filter how a face looks at rest, before it begins; tell whether it saw one."""
    seen = False
    for frame in frames:
        shown = filtering(replace(frame, at_rest=True), Edit(), Deadline(None))
        seen = seen or (shown is not None and bool(shown.faces))
    return seen


class EmotionFilter:
    """Turns a frame into the frame the other side sees.

    Work that would end late is given up in this order: leave out the generator, where there is
    one, reuse the last landmarks, repeat the last filtered picture. The unfiltered face is shown
    only with ``show_unfiltered``: a filter that drops out shows what the user chose to hide.

    Not thread-safe: one worker calls it, frame after frame.
    """

    state = FilterState.RUNNING
    restarts = 0

    def __init__(
        self,
        locate: Stage[Frame, tuple[Landmarks, ...]],
        animate: Stage[Pose, Animation],
        render: Stage[Canvas, Frame],
        meter: Meter,
        *,
        show_unfiltered: bool = False,
        places: Sequence[Placement] = (),
        finish: Finish | None = None,
    ) -> None:
        self.places = tuple(places)
        self._finish = finish
        self._locate = locate
        self._animate = animate
        self._render = render
        self.meter = meter
        self.show_unfiltered = show_unfiltered
        self._faces: tuple[Landmarks, ...] | None = None
        self._shown: Filtered | None = None
        self._rung = Rung.GEOMETRIC
        self._room = 0
        self._renewed: int | None = None

    def __call__(self, frame: Frame, edit: Edit, deadline: Deadline) -> Filtered | None:
        """Return the filtered frame, or None when there is nothing yet that may be shown."""
        self.meter.last.clear()
        rung = self._choose(deadline)
        if rung is Rung.REPEAT:
            if not self._overdue(frame):
                return self._repeat(frame)
            rung = Rung.GEOMETRIC
        self._renewed = frame.captured
        if rung is Rung.GEOMETRIC or self._faces is None:
            self._faces = self.meter.time(self._locate, frame)
        pose = Pose(self._faces, edit, frame.captured, frame.at_rest)
        animation = self.meter.time(self._animate, pose)
        out = self.meter.time(self._render, Canvas(frame, animation.motions, animation.largest))
        if self._finish is not None:
            draft = Draft(out, animation.motions, edit, frame.captured)
            hurry = rung is not Rung.GEOMETRIC
            out, finished = self._finish(draft, self.meter, deadline, hurry=hurry)
            rung = Rung.GENERATOR if finished else rung
        self._shown = Filtered(
            out,
            rung,
            self._faces,
            animation.presence,
            animation.coefficients,
            dict(self.meter.last),
            edited=out is not frame,
            shown=animation.shown,
        )
        return self._shown

    def percentiles(self) -> Mapping[str, Percentiles]:
        """Return what each stage took of late; safe to call from another thread."""
        return self.meter.percentiles()

    def reset(self) -> None:
        """Forget faces, rest and the last picture; for a jump in the stream."""
        self._faces = self._shown = None
        self._rung, self._room = Rung.GEOMETRIC, 0
        self._renewed = None
        for stage in self._steps():
            stage.reset()

    def close(self) -> None:
        """Close every stage."""
        for stage in self._steps():
            stage.close()

    def _steps(self) -> Sequence[_Step]:
        steps = (self._locate, self._animate, self._render)
        return steps if self._finish is None else (*steps, self._finish)

    def _choose(self, deadline: Deadline) -> Rung:
        """Step down at once, climb only after ``UPHILL`` frames that had room."""
        rest = (self._animate.name, self._render.name)
        best = Rung.REPEAT
        if self.meter.fits(deadline, self._locate.name, *rest):
            best = Rung.GEOMETRIC
        elif self._faces is not None and self.meter.fits(deadline, *rest):
            best = Rung.REUSE
        ladder = (Rung.GEOMETRIC, Rung.REUSE, Rung.REPEAT)
        if ladder.index(best) >= ladder.index(self._rung):
            self._rung, self._room = best, 0
            return best
        self._room += 1
        if self._room >= UPHILL or self._rung is Rung.REPEAT:
            self._rung, self._room = best, 0
        return self._rung

    def _overdue(self, frame: Frame) -> bool:
        """Tell whether the picture on show has become too old to be repeated once more."""
        if self.show_unfiltered:  # a fresh picture is there already
            return False
        if self._renewed is None:
            self._renewed = frame.captured
        return frame.captured - self._renewed > OLDEST

    def _repeat(self, frame: Frame) -> Filtered | None:
        if self.show_unfiltered:
            return Filtered(frame, Rung.UNFILTERED)
        if self._shown is None:
            return None
        picture = replace(
            self._shown.frame,
            captured=frame.captured,
            pts=frame.pts,
            time_base=frame.time_base,
            seq=frame.seq,
        )
        return replace(self._shown, frame=picture, rung=Rung.REPEAT, spent={})

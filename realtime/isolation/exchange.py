"""What a filter's process and its keeper say to each other; pixels go through memory beside it."""

from __future__ import annotations

from dataclasses import dataclass

from engines.placement import Placement
from realtime.isolation.memory import Shape
from realtime.types import Edit, Filtered, Frame


@dataclass(frozen=True, slots=True)
class Ready:
    """The process has built its filter and waits for frames.

    Attributes:
        places: where the filter's networks run there.
    """

    places: tuple[Placement, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """The filter could not be built, or raised on this frame.

    Attributes:
        reason: the error in a line.
        trace: where it was raised.
    """

    reason: str
    trace: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One frame to filter.

    Attributes:
        frame: without its planes, which are in the slot ``inward``.
        shapes: of those planes.
        edit: what to show.
        deadline: nanoseconds on the monotonic clock, which is one for all processes; None is never.
        inward: name of the slot with the planes.
        outward: name of the slot for those of the answer; it holds every size that came so far.
    """

    frame: Frame
    shapes: tuple[Shape, ...]
    edit: Edit
    deadline: int | None
    inward: str
    outward: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a frame.

    Attributes:
        filtered: without the planes of its frame; None when nothing may be shown yet.
        shapes: of the planes, which are in the slot ``outward``.
    """

    filtered: Filtered | None
    shapes: tuple[Shape, ...] = ()

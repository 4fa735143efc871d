"""What the animation stage takes and gives: faces with a wish in, meshes that move out."""

from __future__ import annotations

from dataclasses import dataclass, field

from realtime.types import Edit, Floats, Frame, Landmarks


@dataclass(frozen=True, slots=True)
class Pose:
    """The faces of one picture and what the user wants them to show at ``now``."""

    faces: tuple[Landmarks, ...]
    edit: Edit
    now: int


@dataclass(frozen=True, slots=True)
class Motion:
    """How one face's mesh moves, and which furrows deepen.

    Attributes:
        points: [V, 2] mesh vertices in frame pixels, as filmed.
        shift: [V, 2] what the edit adds to each, in pixels; zero on the outer ring.
        furrows: [K] strength of each shading layer, -1 to 1.
        track: whose face it is.
        presence: how far the edit is faded in on it, 0 to 1.
    """

    points: Floats
    shift: Floats
    furrows: Floats
    track: int = 0
    presence: float = 1.0


@dataclass(frozen=True, slots=True)
class Animation:
    """The motions of one picture, and what the largest face shows of itself and with the edit."""

    motions: tuple[Motion, ...]
    presence: float
    coefficients: dict[str, float]
    shown: dict[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class Canvas:
    """A frame and the motions to draw on it."""

    frame: Frame
    motions: tuple[Motion, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A frame that the motions have been drawn on, and what was asked for."""

    frame: Frame
    motions: tuple[Motion, ...]
    edit: Edit
    now: int

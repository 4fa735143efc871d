"""What the animation stage takes and gives: faces with a wish in, meshes that move out."""

from __future__ import annotations

from dataclasses import dataclass, field

from realtime.types import Edit, Floats, Frame, Landmarks


@dataclass(frozen=True, slots=True)
class Pose:
    """The faces of one picture and what the user wants them to show at ``now``.

    ``at_rest`` is what the frame says of the largest face.
    """

    faces: tuple[Landmarks, ...]
    edit: Edit
    now: int
    at_rest: bool = False


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is known of the largest face of a picture, edited or not.

    Attributes:
        points: [478, 3] in frame pixels, as filmed.
        at: when the picture was taken.
        track: whose face it is.
        at_rest: how surely it shows nothing, 0 to 1.
        said: somebody says that it is at rest.
        plain: how much of what its skin shows, above and below, is to go back to rest, 0 to 1.
    """

    points: Floats
    at: int
    track: int = 0
    at_rest: float = 0.0
    said: bool = False
    plain: tuple[float, float] = (0.0, 0.0)


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
    largest: Sighting | None = None


@dataclass(frozen=True, slots=True)
class Canvas:
    """A frame and the motions to draw on it; ``largest`` is the face whose look is remembered."""

    frame: Frame
    motions: tuple[Motion, ...]
    largest: Sighting | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A frame that the motions have been drawn on, and what was asked for."""

    frame: Frame
    motions: tuple[Motion, ...]
    edit: Edit
    now: int

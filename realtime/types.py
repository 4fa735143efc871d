"""The values that move through the filter. All are immutable; all times are nanoseconds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

PixelFormat = Literal["yuv420p", "yuv422p", "yuv444p", "gray", "rgb24"]

SUBSAMPLING: dict[str, tuple[int, int]] = {
    "yuv420p": (2, 2),
    "yuv422p": (2, 1),
    "yuv444p": (1, 1),
    "gray": (1, 1),
    "rgb24": (1, 1),
}
"""Horizontal and vertical subsampling of the planes after the first."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture on the host, in the format its source gave; only the face will change.

    Attributes:
        planes: (Y, U, V) as [H, W], [ceil(H/sy), ceil(W/sx)] twice; (Y,) for gray;
            (RGB,) as [H, W, 3] for rgb24. Never written to once the frame exists.
        format: the layout of ``planes``.
        captured: when the picture was taken, on the session clock.
        pts: media time stamp, in units of ``time_base``; kept so the picture can be sent back.
        time_base: seconds per ``pts`` unit.
        seq: position in the source; gaps are dropped pictures.
        full_range: luma spans 0..255 instead of 16..235; always true for rgb24.
        speech: [80, 16] what was heard about it, as a generator hears it; None where no generator
            is to touch it.
        at_rest: whoever sent it says that its largest face shows nothing: this is how it looks.
    """

    planes: tuple[Pixels, ...]
    format: PixelFormat
    captured: int
    pts: int
    time_base: Fraction
    seq: int
    full_range: bool = False
    speech: Floats | None = None
    at_rest: bool = False

    @property
    def width(self) -> int:
        """Columns of the picture."""
        return self.planes[0].shape[1]

    @property
    def height(self) -> int:
        """Rows of the picture."""
        return self.planes[0].shape[0]

    @property
    def light(self) -> Pixels:
        """[H, W] how light each pixel is: luma, or the green of RGB."""
        first = self.planes[0]
        return first if first.ndim == 2 else first[..., 1]

    @property
    def black(self) -> int:
        """The level of ``light`` that is black."""
        return 0 if self.full_range or self.format == "rgb24" else 16

    def with_planes(self, planes: tuple[Pixels, ...]) -> Frame:
        """Return the same moment with other pixels of the same layout."""
        return replace(self, planes=planes)


@dataclass(frozen=True, slots=True)
class Landmarks:
    """One face found in a frame.

    Attributes:
        points: [478, 3] in frame pixels (x right, y down, z away from the camera, in pixels too).
        score: how sure the tracker is that this is a face, 0 to 1.
        captured: when the picture that they were found in was taken.
        track: stays the same while the same face is followed.
        glasses: whether it wears glasses, 0 to 1; they must not bend.
    """

    points: Floats
    score: float
    captured: int
    track: int = 0
    glasses: float = 0.0


class Emotion(str, Enum):
    """The words a user can choose."""

    NEUTRAL = "neutral"
    HAPPY = "happy"
    SAD = "sad"
    ANGRY = "angry"
    FEAR = "fear"
    DISGUST = "disgust"
    SURPRISE = "surprise"
    CONTEMPT = "contempt"


Coefficient = Literal[
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight",
    "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight", "eyeLookInLeft",
    "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight",
    "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight",
    "mouthFunnel", "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft",
    "mouthPressRight", "mouthPucker", "mouthRight", "mouthRollLower", "mouthRollUpper",
    "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight",
    "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight", "tongueOut",
]  # fmt: skip
"""ARKit's names of what a face can do, in the order that other tools use; left and right are the
subject's own."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What the user asked for. Replaced whole; never changed in place.

    Attributes:
        emotion: the expression to show; None leaves the face alone.
        intensity: -1 (the opposite) to 1.5 (beyond natural); 0 changes nothing.
        affect: (valence, arousal), each -1 to 1; when given it takes the place of ``emotion``.
        brows: strength of the edit around the brows and forehead, 0 to 1.
        eyes: the same for lids and eyes.
        mouth: the same for mouth, cheeks and nose.
        ramp_ms: how long a change of this edit takes to reach the face.
        coefficients: (ARKit name, 0 to 1) to show on top of the emotion; the regions' strengths
            hold for them too, ``intensity`` and ``ramp_ms`` do not.
    """

    emotion: Emotion | None = None
    intensity: float = 1.0
    affect: tuple[float, float] | None = None
    brows: float = 1.0
    eyes: float = 1.0
    mouth: float = 1.0
    ramp_ms: float = 250.0
    coefficients: tuple[tuple[Coefficient, float], ...] = ()


PANIC = Edit(ramp_ms=0.0)
"""Nothing, and at once: from the next picture on the face is the camera's own, whatever else."""


@dataclass(frozen=True, slots=True)
class Show:
    """How the filtered picture is shown, whatever its edit. Replaced whole, as an edit is.

    Attributes:
        frozen: hold the picture as it is; time goes on, and so does the sound.
        badge: draw a small label into the picture while an edit is in force.
        mark: put a pattern that only programs see into the picture while an edit is in force.
    """

    frozen: bool = False
    badge: bool = True
    mark: bool = True


class Rung(str, Enum):
    """How much of the filter a frame got; the ladder of the deadline, best first."""

    GENERATOR = "generator"  # the edit, and what the generator adds to it
    GEOMETRIC = "geometric"  # the edit
    REUSE = "reuse"  # the edit, on the landmarks of an earlier frame
    REPEAT = "repeat"  # the last filtered picture again
    UNFILTERED = "unfiltered"  # the camera's own picture; only where the user allows it


@dataclass(frozen=True, slots=True)
class Filtered:
    """What the filter made of one frame.

    Attributes:
        frame: the picture to show, with the time stamps of the frame that came in.
        rung: what the deadline left time for.
        faces: the faces found, largest first; empty when there is none.
        presence: how far the edit is faded in on the largest face, 0 to 1.
        coefficients: what the largest face shows of itself, ARKit name to 0..1.
        spent: nanoseconds by stage name, for the stages that ran.
        edited: whether its pixels are other than the camera's.
        shown: what the largest face shows with the edit, ARKit name to 0..1.
    """

    frame: Frame
    rung: Rung
    faces: tuple[Landmarks, ...] = ()
    presence: float = 0.0
    coefficients: dict[str, float] = field(default_factory=dict[str, float])
    spent: dict[str, int] = field(default_factory=dict[str, int])
    edited: bool = False
    shown: dict[str, float] = field(default_factory=dict[str, float])

"""How far the voice may move the face: what a person sets, and what they allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from realtime.bounds import Bounds

Heard = Literal["neutral", "happy", "sad", "angry", "fear", "disgust", "surprise"]
"""What can be heard in a voice."""

Shown = Literal[
    "own", "calm", "neutral", "happy", "sad", "angry", "fear", "disgust", "surprise", "contempt"
]
"""What the face may show for it: an emotion; "own", what the person chose; "calm", near neutral."""

USUAL: Mapping[Heard, Shown] = {
    "neutral": "own",
    "happy": "happy",
    "sad": "sad",
    "angry": "angry",
    "fear": "fear",
    "disgust": "disgust",
    "surprise": "surprise",
}
"""What is shown where nobody says otherwise. A neutral voice asks for nothing."""

UPSET: tuple[Heard, ...] = ("angry", "fear")
"""What ``calm`` keeps off the face."""


@dataclass(frozen=True, slots=True)
class Follow:
    """What the voice does to the face. Replaced whole; never changed in place.

    Nobody listens to the voice unless ``follow`` or ``calm`` is on.

    Attributes:
        follow: "voice" shows on the face what is heard.
        calm: hold the face near neutral while the voice is angry or afraid, whatever else.
        by: show the emotion that is heard, or the point of valence and arousal.
        strength: intensity of what is shown for a voice that leaves no doubt, 0 to 1.5.
        smoothing_ms: how long the face takes to follow; to let go it takes a second at least.
        sure: the least confidence that moves the face, 0 to 1.
        map: what to show for what is heard; what is not named is shown as it is heard.
    """

    follow: Literal["off", "voice"] = "off"
    calm: bool = False
    by: Literal["emotion", "affect"] = "emotion"
    strength: float = 0.8
    smoothing_ms: float = 400.0
    sure: float = 0.45
    map: Mapping[Heard, Shown] = field(default_factory=dict[Heard, Shown])

    @property
    def on(self) -> bool:
        """Whether the voice is listened to at all."""
        return self.calm or self.follow == "voice"

    @property
    def whole_map(self) -> dict[Heard, Shown]:
        """What is shown for each that can be heard."""
        return {heard: self.map.get(heard, USUAL[heard]) for heard in get_args(Heard)}


@dataclass(frozen=True, slots=True)
class Guide:
    """What holds for a face that follows a voice.

    Attributes:
        follow: what is wished.
        bounds: how far any edit may go.
    """

    follow: Follow = field(default_factory=Follow)
    bounds: Bounds = field(default_factory=Bounds)


FOLLOW_LIMITS: dict[str, tuple[float, float]] = {
    "strength": (0.0, 1.5),
    "smoothing_ms": (0.0, 5_000.0),
    "sure": (0.0, 1.0),
}
"""Least and greatest value of each number of :class:`Follow`."""

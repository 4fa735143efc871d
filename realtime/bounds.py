"""How far an edit may go: limits that a person sets for what their face may be made to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from realtime.types import Edit, Emotion

LOWEST, HIGHEST = -1.0, 1.5
"""The intensities that the filter knows at all."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of one person's edits.

    Attributes:
        lowest: least intensity of any edit; 0 or more forbids opposites.
        highest: greatest intensity of any edit.
        emotions: (least, greatest) intensity of single emotions, inside the limits above.
        forbidden: emotions that are never shown.
    """

    lowest: float = LOWEST
    highest: float = HIGHEST
    emotions: Mapping[Emotion, tuple[float, float]] = field(
        default_factory=dict[Emotion, tuple[float, float]]
    )
    forbidden: tuple[Emotion, ...] = ()

    def __post_init__(self) -> None:
        pairs = {"": (self.lowest, self.highest), **{e.value: p for e, p in self.emotions.items()}}
        for name, (lowest, highest) in pairs.items():
            if lowest > highest:
                raise ValueError(f"{name} lowest {lowest:g} is above highest {highest:g}".strip())


def bounded(edit: Edit, bounds: Bounds) -> Edit:
    """Return ``edit`` as far as ``bounds`` allow; a forbidden emotion leaves the face alone."""
    named = edit.emotion if edit.affect is None else None
    if named in bounds.forbidden:
        return replace(edit, emotion=None)
    lowest, highest = bounds.lowest, bounds.highest
    intensity = edit.intensity
    if named is not None and named in bounds.emotions:
        intensity = _clamp(intensity, *bounds.emotions[named])
    return replace(edit, intensity=_clamp(intensity, lowest, highest))


def _clamp(value: float, lowest: float, highest: float) -> float:
    return min(max(value, lowest), highest)

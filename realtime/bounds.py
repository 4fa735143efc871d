"""How far an edit may go: limits that a person sets for what their face may be made to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from realtime.face.emotion import around, recipe_of
from realtime.types import Coefficient, Edit, Emotion

Coefficients: TypeAlias = tuple[tuple[Coefficient, float], ...]

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
    """Return ``edit`` as far as ``bounds`` allow; a forbidden emotion leaves the face alone.

    A point of valence and arousal is held to the bounds of the emotions that it lies between;
    where one of them is forbidden, the other's part is what remains. A single coefficient goes no
    further than it would in the emotions that have it.
    """
    if edit.coefficients:
        edit = replace(edit, coefficients=_bounded_coefficients(edit.coefficients, bounds))
    if edit.affect is not None:
        edit = _bounded_affect(edit, edit.affect, bounds)
    elif edit.emotion is not None:
        if edit.emotion in bounds.forbidden:
            return replace(edit, emotion=None)
        edit = replace(edit, intensity=_clamp(edit.intensity, _limits(edit.emotion, bounds)))
    return replace(edit, intensity=_clamp(edit.intensity, (bounds.lowest, bounds.highest)))


def tightened(allowed: Bounds, wanted: Bounds) -> Bounds:
    """Return what both allow.

    Raises:
        ValueError: nothing is left between the least and the greatest intensity.
    """
    pairs = dict(allowed.emotions)
    for emotion, pair in wanted.emotions.items():
        pairs[emotion] = _both(pairs.get(emotion, (LOWEST, HIGHEST)), pair)
    lowest, highest = _both((allowed.lowest, allowed.highest), (wanted.lowest, wanted.highest))
    forbidden = tuple(dict.fromkeys((*allowed.forbidden, *wanted.forbidden)))
    return Bounds(lowest, highest, pairs, forbidden)


def _both(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return max(one[0], other[0]), min(one[1], other[1])


def _bounded_affect(edit: Edit, affect: tuple[float, float], bounds: Bounds) -> Edit:
    blend = [(emotion, weight) for emotion, weight in around(*affect) if weight > 0]
    allowed = [(emotion, weight) for emotion, weight in blend if emotion not in bounds.forbidden]
    if len(allowed) < len(blend):
        emotion, weight = allowed[0] if allowed else (None, 0.0)
        return bounded(
            replace(edit, emotion=emotion, affect=None, intensity=edit.intensity * weight), bounds
        )
    intensity = edit.intensity
    for emotion, weight in blend:
        lowest, highest = _limits(emotion, bounds)
        intensity = _clamp(intensity, (lowest / weight, highest / weight))
    return replace(edit, intensity=intensity)


def _bounded_coefficients(coefficients: Coefficients, bounds: Bounds) -> Coefficients:
    """Hold each to its part in the emotions that are bounded; who is named twice counts once."""
    ceiling = max(0.0, min(1.0, bounds.highest))
    held: list[tuple[Coefficient, float]] = []
    for name, value in dict(coefficients).items():
        most = ceiling
        for emotion in Emotion:
            part = recipe_of(emotion).get(name, 0.0)
            highest = 0.0 if emotion in bounds.forbidden else _limits(emotion, bounds)[1]
            if part > 0 and highest < 1:
                most = min(most, max(0.0, highest) * part)
        if (kept := _clamp(value, (0.0, most))) > 0:
            held.append((name, kept))
    return tuple(held)


def _limits(emotion: Emotion, bounds: Bounds) -> tuple[float, float]:
    return bounds.emotions.get(emotion, (LOWEST, HIGHEST))


def _clamp(value: float, limits: tuple[float, float]) -> float:
    return min(max(value, limits[0]), limits[1])

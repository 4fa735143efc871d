"""From what is heard to what is shown: a function of values, one step for each reading."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot

import numpy as np

from realtime.bounds import bounded
from realtime.clock import MS
from realtime.types import PANIC, Edit, Emotion
from realtime.voice.follow import UPSET, Follow, Guide, Heard, Shown
from realtime.voice.reading import Hears, Reading

CALM = 0.9
"""Intensity of the neutral face that keeps calm: a hold, not an erasure."""

LETTING_GO_MS = 1000.0
"""Least time in which the face goes back to what the person chose."""

CLING = 0.1
"""How much less confidence holds what is shown already: so it does not flicker at the edge."""

CERTAIN = 0.85
"""The confidence that gets the whole strength; what is barely sure gets ``HALF`` of it."""

HALF = 0.6

STEP, LEAP = 0.1, 0.15
"""By how much the intensity, or the point of valence and arousal, has to change to be followed."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What the voice wants the face to show.

    Attributes:
        emotion: the expression; None where the point tells.
        affect: valence and arousal, -1 to 1 each; None where the emotion tells.
        intensity: of either, 0 to 1.5.
    """

    emotion: Emotion | None
    affect: tuple[float, float] | None
    intensity: float

    @property
    def name(self) -> str:
        """What to call it before the user."""
        return self.emotion.value if self.emotion is not None else "affect"


@dataclass(frozen=True, slots=True)
class Driven:
    """What a voice has made of a face so far.

    Attributes:
        aim: what is shown; None leaves the face to what the person chose.
        since: when that began, nanoseconds.
        ramp_ms: how long the way there takes.
    """

    aim: Aim | None = None
    since: int = 0
    ramp_ms: float = 0.0

    def there(self, now: int) -> bool:
        """Tell whether the face has had the time to get there."""
        return now - self.since >= self.ramp_ms * MS


def drive(driven: Driven, reading: Reading, guide: Guide) -> Driven:
    """Return what to aim at from ``reading`` on.

    Another emotion is followed at once; a little more or less of the same only when the face has
    arrived, so that each way is one smooth ramp.
    """
    aim = _aim(reading, guide.follow, driven.aim)
    ramp_ms = guide.follow.smoothing_ms
    if aim is None:
        if driven.aim is None:
            return driven
        return Driven(None, reading.at, max(ramp_ms, LETTING_GO_MS))
    if driven.aim is None or driven.aim.emotion is not aim.emotion:
        return Driven(aim, reading.at, ramp_ms)
    if driven.there(reading.at) and _differ(driven.aim, aim):
        return Driven(aim, reading.at, ramp_ms)
    return driven


def edited(chosen: Edit, driven: Driven, guide: Guide, now: int) -> Edit:
    """Return the edit for a face of which ``chosen`` is what the person chose.

    A panic is not for the voice to end, and what the bounds do not allow it cannot ask for.
    """
    if chosen is PANIC:
        return chosen
    aim = driven.aim
    if aim is None:
        return chosen if driven.there(now) else replace(chosen, ramp_ms=driven.ramp_ms)
    asked = replace(
        chosen,
        emotion=aim.emotion,
        affect=aim.affect,
        intensity=aim.intensity,
        ramp_ms=driven.ramp_ms,
    )
    held = bounded(asked, guide.bounds)
    return chosen if held.emotion is None and held.affect is None else held


def _aim(reading: Reading, follow: Follow, before: Aim | None) -> Aim | None:
    if reading.estimate is None:
        return None
    if follow.calm and _is_upset(reading, follow, before):
        return Aim(Emotion.NEUTRAL, None, CALM)
    if follow.follow != "voice" or reading.hears is not Hears.HEARD:
        return None
    estimate = reading.estimate
    heard: Heard = estimate.emotion  # pyright: ignore[reportAssignmentType]
    shown = follow.whole_map[heard]
    if not _is_sure(estimate.confidence, follow, shows=_shows(before, shown)):
        return None
    strength = round(follow.strength * _share(estimate.confidence, follow.sure), 2)
    if follow.by == "affect" and shown == heard:
        point = round(estimate.valence, 2), round(estimate.arousal, 2)
        return Aim(None, point, follow.strength)
    return _named(shown, strength)


def _named(shown: Shown, strength: float) -> Aim | None:
    match shown:
        case "own":
            return None
        case "calm":
            return Aim(Emotion.NEUTRAL, None, CALM)
        case _:
            return Aim(Emotion(shown), None, strength)


def _shows(before: Aim | None, shown: Shown) -> bool:
    """Tell whether the face shows ``shown`` already."""
    word = "neutral" if shown == "calm" else shown
    return before is not None and before.name in (word, "affect")


def _is_sure(confidence: float, follow: Follow, *, shows: bool) -> bool:
    return confidence >= follow.sure - (CLING if shows else 0.0)


def _is_upset(reading: Reading, follow: Follow, before: Aim | None) -> bool:
    """Tell whether the voice is angry or afraid, even where it is not clear which of them."""
    holds = before is not None and before.emotion is Emotion.NEUTRAL
    return _is_sure(reading.probability(*UPSET), follow, shows=holds)


def _share(confidence: float, sure: float) -> float:
    return float(np.interp(confidence, (sure, max(sure + 1e-6, CERTAIN)), (HALF, 1.0)))


def _differ(one: Aim, other: Aim) -> bool:
    if one.affect is not None and other.affect is not None:
        (v, a), (w, b) = one.affect, other.affect
        return hypot(v - w, a - b) >= LEAP or one.intensity != other.intensity
    return one.affect != other.affect or abs(one.intensity - other.intensity) >= STEP

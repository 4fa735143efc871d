"""What each emotion asks of a face, in ARKit's coefficients.

The recipes start from the action units of Ekman and Friesen's EMFACS (1983) and were then weighed
by looking, and by expression judges, on people that are not part of this repository.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

import numpy as np

from realtime.face import furrows
from realtime.face.basis import ARKIT, INDEX, both, stem
from realtime.types import Edit, Emotion, Floats

Recipe = Mapping[str, float]
"""What to show at intensity 1: coefficients (without Left/Right where both sides do the same), and
furrows that are to be deeper or shallower than the coefficients make them."""

RECIPES: Mapping[Emotion, Recipe] = {
    Emotion.HAPPY: {
        "mouthSmile": 1.52, "cheekSquint": 1.0, "eyeSquint": 0.25, "mouthDimple": 0.24,
        "mouthRollUpper": 0.2, "nasolabial fold": -0.15,
    },
    Emotion.SAD: {
        "browInnerUp": 1.6, "browDown": 0.6, "mouthFrown": 0.35, "mouthShrugLower": 0.65,
        "eyeBlink": 0.35, "eyeSquint": 0.6, "mouthStretch": 0.1, "forehead lines": 0.35,
        "sorrowful brow": 0.45, "nasolabial fold": 0.3, "chin": 0.15,
    },
    Emotion.ANGRY: {
        "browDown": 1.0, "eyeSquint": 0.52, "noseSneer": 0.22, "mouthFrown": 0.3,
        "mouthUpperUp": 0.2, "mouthFunnel": 0.16, "mouthPucker": 0.14, "mouthShrugLower": 0.08,
        "mouthShrugUpper": 0.09, "jawOpen": 0.7, "sorrowful brow": 0.3,
    },
    Emotion.FEAR: {
        "browInnerUp": 1.5, "browOuterUp": 0.15, "browDown": 0.65, "eyeWide": 1.35,
        "mouthStretch": 0.2, "mouthFrown": 0.6, "mouthShrugLower": 0.14, "jawOpen": 0.3,
        "sorrowful brow": 0.35, "forehead lines": 0.1, "frown lines": 0.1, "hooded eyes": 0.2,
    },
    Emotion.DISGUST: {
        "noseSneer": 0.68, "mouthUpperUp": 0.95, "browDown": 0.24, "eyeSquint": 0.35,
        "mouthFrown": 0.5, "mouthShrugLower": 0.55, "cheekSquint": 0.28, "mouthFunnel": 0.32,
        "mouthShrugUpper": 0.1, "frown lines": -0.1,
    },
    Emotion.SURPRISE: {
        "browInnerUp": 1.0, "browOuterUp": 1.65, "eyeWide": 1.55, "mouthPucker": 0.25,
        "mouthFunnel": 0.28, "mouthShrugUpper": 0.1, "jawOpen": 1.6, "forehead lines": 0.7,
    },
    Emotion.CONTEMPT: {
        "mouthSmileLeft": 0.45, "mouthDimpleLeft": 0.9, "cheekSquintLeft": 0.3,
        "mouthUpperUpLeft": 0.25, "browOuterUpRight": 0.25, "browDownLeft": 0.2,
        "eyeBlink": 0.08,
    },
}  # fmt: skip

OPPOSITES: Mapping[str, str] = {
    "mouthSmile": "mouthFrown",
    "mouthFrown": "mouthSmile",
    "browDown": "browInnerUp",
    "browInnerUp": "browDown",
    "browOuterUp": "browDown",
    "eyeWide": "eyeSquint",
    "eyeSquint": "eyeWide",
    "mouthStretch": "mouthPucker",
}
"""What a negative intensity asks for instead; what has no opposite is only taken away."""

EXPRESSIVE = (
    "browDown", "browInnerUp", "browOuterUp", "cheekSquint", "eyeSquint", "eyeWide", "mouthSmile",
    "mouthFrown", "noseSneer", "mouthDimple",
)  # fmt: skip
"""Coefficients that carry emotion rather than speech: these may be taken off a face."""

SPARED: Mapping[Emotion, Mapping[str, float]] = {Emotion.DISGUST: {"mouthSmile": 0.6}}
"""What share of its own expression an emotion leaves a face. Lips that are raised in disgust bend
where they are drawn down out of a whole smile as well, and no longer follow speech."""

CIRCUMPLEX: Mapping[Emotion, tuple[float, float]] = {
    Emotion.HAPPY: (0.8, 0.35),
    Emotion.SURPRISE: (0.25, 0.85),
    Emotion.FEAR: (-0.45, 0.8),
    Emotion.ANGRY: (-0.7, 0.55),
    Emotion.DISGUST: (-0.75, 0.2),
    Emotion.SAD: (-0.75, -0.45),
}
"""Where the emotions lie in valence and arousal (Russell, 1980; rounded norms of later studies)."""

REGIONS: Mapping[str, tuple[str, ...]] = {
    "brows": ("brow",),
    "eyes": ("eye",),
    "mouth": ("mouth", "jaw", "cheek", "nose", "tongue"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What an edit asks for, before it meets a face.

    Attributes:
        add: [52] coefficients to show.
        calm: [52] share (0 to 1) of the face's own coefficients to take away.
        shade: [K] what each furrow gets beyond what the coefficients drive.
    """

    add: Floats
    calm: Floats
    shade: Floats


@lru_cache(maxsize=64)
def wish(edit: Edit) -> Wish:
    """Turn an edit into coefficients; asked for every picture, worked out when the edit changes.

    What the edit names by its coefficient is left to :func:`driven`.
    """
    add = np.zeros(len(ARKIT), np.float32)
    calm = np.zeros(len(ARKIT), np.float32)
    shade = np.zeros(len(furrows.FURROWS), np.float32)
    for emotion, amount in mixture(edit):
        if emotion is Emotion.NEUTRAL:
            calm += amount * expressive()
            continue
        recipe = RECIPES[emotion] if amount >= 0 else _opposite(RECIPES[emotion])
        part = _vector(recipe) * abs(amount)
        add += part
        taken = 1 - _vector(SPARED.get(emotion, {}))
        calm += min(1.0, abs(amount)) * expressive() * taken * (part <= 0)
        if amount > 0:
            shade += _shades(recipe) * amount
    strength, shading = _strengths(edit)
    return Wish(add * strength, np.clip(calm, -0.5, 1) * strength, shade * shading)


@cache
def recipe_of(emotion: Emotion) -> Mapping[str, float]:
    """Return the coefficients of an emotion at intensity 1, each side by its own name."""
    if emotion is Emotion.NEUTRAL:
        return {}
    return dict(zip(ARKIT, _vector(RECIPES[emotion]).tolist(), strict=True))


@lru_cache(maxsize=16)
def driven(edit: Edit) -> Wish:
    """Return what an edit asks for coefficient by coefficient."""
    add, calm = np.zeros((2, len(ARKIT)), np.float32)
    for name, value in edit.coefficients:
        add[INDEX[name]] = value
    strength, _ = _strengths(edit)
    return Wish(add * strength, calm, np.zeros(len(furrows.FURROWS), np.float32))


@cache
def expressive() -> Floats:
    """Return [52]: 1 where a coefficient carries emotion rather than speech."""
    return _vector(dict.fromkeys(EXPRESSIVE, 1.0))


def mixture(edit: Edit) -> list[tuple[Emotion, float]]:
    """Return how much of which emotions an edit asks for."""
    if edit.affect is not None:
        return [(e, w * edit.intensity) for e, w in around(*edit.affect)]
    if edit.emotion is None or edit.intensity == 0:
        return []
    return [(edit.emotion, edit.intensity)]


def around(valence: float, arousal: float) -> list[tuple[Emotion, float]]:
    """Split a point of the circumplex between its neighbours by angle; length is strength."""
    length = float(min(1.0, np.hypot(valence, arousal) / 0.85))
    if length < 1e-3:
        return []
    angle = np.arctan2(arousal, valence)
    ring = sorted((float(np.arctan2(a, v)), e) for e, (v, a) in CIRCUMPLEX.items())
    ring.append((ring[0][0] + 2 * np.pi, ring[0][1]))
    if angle < ring[0][0]:
        angle += 2 * np.pi
    for (low, first), (high, second) in pairwise(ring):
        if low <= angle <= high:
            share = (angle - low) / (high - low)
            # Content and calm have no recipe: between sad and happy the edit passes through rest.
            gap = 1 - np.sin(share * np.pi) if high - low > np.pi / 2 else 1.0
            return [(first, length * gap * (1 - share)), (second, length * gap * share)]
    return []


def _opposite(recipe: Recipe) -> Recipe:
    out: dict[str, float] = {}
    for name, value in recipe.items():
        kind = stem(name)
        if kind in OPPOSITES:
            other = OPPOSITES[kind] + name[len(kind) :]
            if other.startswith("browInnerUp"):
                other = "browInnerUp"
            out[other] = max(out.get(other, 0.0), value)
    return out


def _vector(recipe: Recipe) -> Floats:
    out = np.zeros(len(ARKIT), np.float32)
    for name, value in recipe.items():
        if name not in furrows.ORDER:
            out[both(name)] = value
    return out


def _shades(recipe: Recipe) -> Floats:
    return np.array([recipe.get(name, 0.0) for name in furrows.ORDER], np.float32)


def _strengths(edit: Edit) -> tuple[Floats, Floats]:
    """Return [52] and [K]: the strength of the region that each coefficient and furrow lies in."""
    of = {"brows": edit.brows, "eyes": edit.eyes, "mouth": edit.mouth}
    region = {start: r for r, starts in REGIONS.items() for start in starts}
    motion = [next(of[region[s]] for s in region if name.startswith(s)) for name in ARKIT]
    shading = [of[furrow.region] for furrow in furrows.FURROWS]
    return np.array(motion, np.float32), np.array(shading, np.float32)

"""What an edit does to a face, as numbers: functions of landmarks, probabilities and pixels.

Series run over the frames of one clip: landmarks are [T, 478, 2 or 3] in pixels. Lengths are in
units of the distance between the outer eye corners, so that they mean the same on every face.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.types import Floats, Frame

LIPS = ((13, 14), (82, 87), (312, 317))
"""The middle of the upper inner lip and its neighbours, each with the point below it."""

CLOSED = 0.022
"""Aperture below which lips count as closed: 2 mm on an adult's face. Lips that touch measure .001
to .005, speech .06 to .15."""

OPENED = 0.033
"""Aperture from which lips that were closed count as opened by the edit; half as much again, so
that a frame on the brink does not tip over by the landmarks' own noise."""

MUMBLE = 0.012
"""Standard deviation of the aperture below which nobody is speaking: no correlation is told."""

CORNERS = (61, 291)
STEADY = (33, 133, 362, 263, 168, 6, 197, 195, 127, 356, 234, 454)
"""Points of the skull: eye corners, bridge of the nose, temples."""

FACE_REACH = 1.3
"""The region that an edit may touch: the hull of the landmarks, this much enlarged."""


def eye_distance(points: Floats) -> Floats:
    """[T] pixels between the outer eye corners."""
    return np.linalg.norm(points[:, 33, :2] - points[:, 263, :2], axis=1).astype(np.float32)


def aperture(points: Floats) -> Floats:
    """[T] mean distance between the inner lips."""
    gaps = [np.linalg.norm(points[:, a, :2] - points[:, b, :2], axis=1) for a, b in LIPS]
    return (np.mean(gaps, axis=0) / eye_distance(points)).astype(np.float32)


def smile(points: Floats) -> Floats:
    """[T] how far the mouth's corners lie above its middle, along the face's own upright."""
    p = points[:, :, :2]
    across = p[:, 263] - p[:, 33]
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    down = np.stack([-across[:, 1], across[:, 0]], 1)
    middle = (p[:, 13] + p[:, 14]) / 2
    lift = middle - (p[:, CORNERS[0]] + p[:, CORNERS[1]]) / 2
    return ((lift * down).sum(1) / eye_distance(points)).astype(np.float32)


def mouth_width(points: Floats) -> Floats:
    """[T] distance between the mouth's corners."""
    wide = np.linalg.norm(points[:, CORNERS[0], :2] - points[:, CORNERS[1], :2], axis=1)
    return (wide / eye_distance(points)).astype(np.float32)


def correlation(before: Floats, after: Floats) -> float | None:
    """Pearson's, between two aperture series; None where the speaker hardly moves the lips."""
    if len(before) < 3 or float(before.std()) < MUMBLE:
        return None
    if float(after.std()) == 0:
        return 0.0
    return float(np.corrcoef(before, after)[0, 1])


def closures(before: Floats, after: Floats) -> tuple[int, int]:
    """Return (frames in which the speaker's lips are closed, those of them still closed after)."""
    closed = before < CLOSED
    return int(closed.sum()), int((closed & (after < OPENED)).sum())


def win_share(probabilities: Floats, label: int) -> float:
    """Share of frames [T, 7] in which ``label`` is the likeliest."""
    return float((probabilities.argmax(1) == label).mean()) if len(probabilities) else 0.0


def cosine(before: Floats, after: Floats) -> float:
    """Mean cosine between unit vectors [T, D] of the same frames."""
    return float((before * after).sum(1).mean())


def steadied(points: Floats) -> Floats:
    """[T, 478, 2] landmarks without the head's motion, in eye distances.

    Each frame is moved, turned and scaled so that its steady points lie best on their mean.
    """
    z = points[:, :, 0].astype(np.float64) + 1j * points[:, :, 1]
    z = (z - z[:, 33:34]) / (z[:, 263:264] - z[:, 33:34])  # near enough to average
    goal = z[:, STEADY].mean(0)
    g = goal - goal.mean()
    s = z[:, STEADY]
    centre = s.mean(1, keepdims=True)
    turn = (np.conj(s - centre) @ g) / (np.abs(s - centre) ** 2).sum(1)
    z = (z - centre) * turn[:, None] + goal.mean()
    return np.stack([z.real, z.imag], 2).astype(np.float32)


def jitter(points: Floats) -> float:
    """How much the landmarks of a face tremble, in eye distances a frame.

    The second difference over time of the steadied landmarks leaves only what motion cannot
    explain; its median over time forgets blinks and the beats of speech; its mean is over points.
    """
    if len(points) < 5:
        return 0.0
    s = steadied(points)
    tremble = np.linalg.norm(s[2:] - 2 * s[1:-1] + s[:-2], axis=2)
    return float(np.median(tremble, axis=0).mean())


def rises(before: Floats, after: Floats, label: int) -> float:
    """How much likelier ``label`` is on average over the frames [T, 7] of one face."""
    return float(after[:, label].mean() - before[:, label].mean())


def untouched(before: Frame, after: Frame, points: Floats | None) -> float:
    """Share of the samples outside the face region that are bit-identical in all planes."""
    same = total = 0
    for a, b in zip(before.planes, after.planes, strict=True):
        scale = a.shape[1] / before.width
        outside = ~region(a.shape[:2], None if points is None else points[:, :2] * scale)
        total += int(outside.sum())
        equal = a == b
        if equal.ndim == 3:
            equal = equal.all(2)
        same += int((equal & outside).sum())
    return same / total if total else 1.0


def region(shape: tuple[int, ...], points: Floats | None) -> NDArray[np.bool_]:
    """[H, W] true where an edit of the face at ``points`` may change pixels."""
    mask = np.zeros(shape[:2], np.uint8)
    if points is not None:
        middle = points.mean(0)
        hull = cast("Floats", cv2.convexHull(middle + (points - middle) * np.float32(FACE_REACH)))
        cv2.fillConvexPoly(mask, hull.astype(np.int32), (1,))
    return cast("NDArray[np.bool_]", mask.astype(bool))


@dataclass(frozen=True, slots=True)
class Effect:
    """What one emotion did to one clip.

    Attributes:
        person: whose clip.
        frames: how many had a face before and after.
        wins: by judge, the share of frames in which the emotion wins: (before, after).
        likely: by judge, the emotion's mean probability: (before, after).
        identity: mean cosine of the same frames before and after.
        lips: correlation of the lip aperture; None where nobody speaks.
        closed: frames with closed lips before.
        kept: those of them still closed after.
        jitter: landmark jitter after over before.
        background: smallest share of bit-identical samples outside the face region.
        smile: mean rise of the mouth's corners, in eye distances.
        lost: frames in which no face is found any more.
        spent: nanoseconds of each filter call.
    """

    person: int
    frames: int
    wins: dict[str, tuple[float, float]]
    likely: dict[str, tuple[float, float]]
    identity: float
    lips: float | None
    closed: int
    kept: int
    jitter: float
    background: float
    smile: float
    lost: int
    spent: tuple[int, ...]

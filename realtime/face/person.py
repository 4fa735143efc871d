"""What is remembered of one face, and what a picture shows of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from realtime.face import mesh
from realtime.face.emotion import expressive
from realtime.face.expression import Rest, coefficients
from realtime.face.guard import LidGuard, LipGuard
from realtime.face.pose import Head, find_head
from realtime.face.presence import Presence, frontal
from realtime.face.resting import Given
from realtime.face.smoothing import OneEuro
from realtime.types import Floats, Landmarks

AT_REST, NOT_AT_REST = 0.15, 0.45
"""Strongest expressive coefficient up to which a face counts as resting, and from which on not. Who
just talks stays below 0.2 for most of the time."""

AS_TALK, AS_FEELING = 0.015, 0.022
"""How far a face is off its rest, as root mean square in eye distances and without speech, up to
which that is only talk, and from which on not: 17 people who talk have 0.007 to 0.018, two actors
in joy and grief 0.023 to 0.032."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one picture shows of a face.

    Attributes:
        points: [478, 3] in frame pixels, steadied.
        head: where it is turned.
        canonical: [478, 3] the points without that.
        shows: [52] coefficients.
        slowly: [52] the same without speech.
        off: [478, 3] how far the face is from its rest, without speech.
        known: how surely that is expression, 0 to 1. A rest that was learned may be wrong, and a
            head that turns looks like a face that moves.
        sure: how far an edit may show on it, 0 to 1.
        front: how far its light can be compared, 0 to 1.
        at_rest: how surely this very picture shows nothing, 0 to 1.
    """

    points: Floats
    head: Head
    canonical: Floats
    shows: Floats
    slowly: Floats
    off: Floats
    known: float
    sure: float
    front: float
    at_rest: float


class Person:
    """The memory of one face.

    Args:
        start: how far the first picture's edit may show, of what the picture allows.
    """

    def __init__(self, start: float) -> None:
        self._steady = OneEuro(min_cutoff_hz=4.0, beta=6.0)
        self._rest = Rest()
        self._calm = OneEuro(min_cutoff_hz=0.4, beta=0.2)
        self._slow = OneEuro(min_cutoff_hz=0.4, beta=0.0)
        self.smile = OneEuro(min_cutoff_hz=0.1, beta=0.0)
        self.lips = LipGuard()
        self.lids = LidGuard()
        self.presence = Presence(start)
        self.face: Landmarks | None = None
        self.seen = 0

    def read(self, face: Landmarks, now: int, given: Given, *, still: bool) -> Reading:
        """Return what a face shows at ``now``, against the rest that is given or was learned."""
        if face.score > 0:
            self.seen, self.face = now, face
        unit = float(np.linalg.norm(face.points[33] - face.points[263]))
        points = self._steady(face.points, now, unit)
        head = find_head(points, mesh.canonical())
        canonical = head.to_canonical(points)
        fresh = face.captured == now  # else the landmarks are an earlier picture's
        if fresh:
            self._rest.learn(canonical, now)
            given.learn(canonical)
        told = given.points is not None
        rest = self._rest.points if given.points is None else given.points
        shows = coefficients(canonical, rest)
        slowly = self._calm(shows, now)
        off = self._slow(canonical, now) - rest
        sure = 1.0 if still else self.presence(head, face, now)
        front = frontal(head)
        known = 1.0 if told else self._rest.known * front * _felt(off)
        may_rest = fresh and (told or self._rest.known > 0)
        at_rest = sure * front * _resting(slowly) if may_rest else 0.0
        return Reading(points, head, canonical, shows, slowly, off, known, sure, front, at_rest)


def _resting(slowly: Floats) -> float:
    """Return how surely a face with these coefficients [52] shows nothing, 0 to 1."""
    most = float((slowly * expressive()).max())
    return float(np.interp(most, (AT_REST, NOT_AT_REST), (1.0, 0.0)))


def _felt(off: Floats) -> float:
    """Return how far a face that is so much off its rest does more than talk, 0 to 1."""
    size = float(np.sqrt(np.square(off[:, :2]).mean()))
    return float(np.interp(size, (AS_TALK, AS_FEELING), (0.0, 1.0)))

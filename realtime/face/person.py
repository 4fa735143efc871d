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
        fresh = face.captured == now  # or the landmarks are an earlier picture's
        if fresh:
            self._rest.learn(canonical, now)
            given.learn(canonical)
        rest = self._rest.points if given.points is None else given.points
        shows = coefficients(canonical, rest)
        slowly = self._calm(shows, now)
        sure = 1.0 if still else self.presence(head, face, now)
        front = frontal(head)
        known = fresh and (given.points is not None or self._rest.known)
        most = float((slowly * expressive()).max())
        resting = min(1.0, max(0.0, (NOT_AT_REST - most) / (NOT_AT_REST - AT_REST)))
        return Reading(
            points, head, canonical, shows, slowly, self._slow(canonical, now) - rest,
            sure, front, known * sure * front * resting,
        )  # fmt: skip

"""Reading a face: which of ARKit's coefficients it shows, against its own rest."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from realtime.face import basis, mesh
from realtime.types import Floats

LEARN_S = 4.0
"""Seconds of sightings after which a person's rest is known."""

DRIFT = 0.001
"""How fast a known rest still moves, in eye distances a second.

A smile is taken for rest half after 15 seconds; a wrong start is forgotten at the same pace.
"""

RIDGE = 0.003

EXPECTED_SHARE = 0.5
SURELY_SHOWN = {"mouthSmile": 0.95, "cheekSquint": 0.8, "browInnerUp": 0.8}
"""Of what an unknown face shows against the mean face, how much is taken for expression. Faces at
rest differ in brows, lids and the set of the mouth; none of 36 looks as if it smiled."""

WIDE_AT_REST = -0.03
"""How far out of the mean face's the corners of a resting mouth lie at most, in eye distances: of
18 people who talk it is -0.05 in the mean, with a deviation of 0.02; of two who smile, 0.01."""

HANGING, LEVEL = -0.08, -0.03
"""How high corners lie that are no smile however wide the mouth is, and from which on they may be
one, against the mean face's. Faces differ in length, so height alone says little."""

CORNERS = [61, 291]

STRONGEST = 1.2
"""The strongest smile that a rest is freed of."""


@cache
def _solver() -> NDArray[np.float32]:
    """Return [52, 478 * 2]: ridge least squares from mesh displacements to coefficients."""
    moves = basis.displacements()[..., :2].reshape(len(basis.ARKIT), -1).astype(np.float64)
    gram = moves @ moves.T
    gram[np.diag_indices_from(gram)] += RIDGE
    solved = np.linalg.solve(gram, moves)
    for name in ("jaw", "mouth"):  # opposites share one movement; let either take all of it
        left, right = basis.INDEX[name + "Left"], basis.INDEX[name + "Right"]
        solved[left] -= solved[right]
        solved[right] = -solved[left]
    return solved.astype(np.float32)


def coefficients(points: Floats, rest: Floats) -> Floats:
    """Return [52] in 0..1 for canonical points [478, 3] against a rest [478, 3]."""
    moved = (points - rest)[:, :2].reshape(-1)
    return np.clip(_solver() @ moved, 0.0, 1.0)


def solved(moved: Floats, name: str) -> float:
    """Return one coefficient, of any sign, among those that come nearest to [478, 3] together."""
    return float(_solver()[basis.INDEX[name]] @ moved[:, :2].reshape(-1))


def first_rest(points: Floats) -> Floats:
    """Guess a stranger's rest [478, 3] from one sighting: part of what it shows is the person."""
    shown = coefficients(points, mesh.canonical()) * _expected()
    return points - np.tensordot(shown, basis.displacements(), axes=1)


@cache
def _expected() -> Floats:
    """Return [52]: share of each coefficient that is expression rather than the person."""
    shares = [SURELY_SHOWN.get(basis.stem(name), EXPECTED_SHARE) for name in basis.ARKIT]
    return np.array(shares, np.float32)


def unsmiling(points: Floats) -> Floats:
    """Return a rest [478, 3] without the smile that makes its mouth wider than mouths are at rest.

    Who smiles from the first picture on would else be taken for somebody with such a mouth.
    """
    smile = _smile()
    right, left = points[CORNERS] - mesh.canonical()[CORNERS]
    out, up = float(left[0] - right[0]) / 2, -float(left[1] + right[1]) / 2
    wide = min(STRONGEST, (out - WIDE_AT_REST) / float(smile[CORNERS[1], 0]))
    shown = wide * min(1.0, (up - HANGING) / (LEVEL - HANGING))
    return points - shown * smile if wide > 0 and shown > 0 else points


@cache
def _smile() -> Floats:
    """Return [478, 3]: what both sides of mouthSmile do."""
    return basis.displacements()[basis.both("mouthSmile")].sum(axis=0)


class Rest:
    """A person's own neutral face, learned over the first seconds by a running median.

    The median stands for the mode of a face that talks and laughs now and then; once learned it
    drifts only slowly, so that a held smile stays a smile. A smile that was there from the start
    is known by the width of the mouth.
    """

    def __init__(self) -> None:
        self._points: Floats | None = None
        self._rest: Floats | None = None
        self._seen = 0.0
        self._last = 0

    @property
    def known(self) -> float:
        """How surely the rest is known, 0 to 1: not at all before the face was seen for a while."""
        return min(1.0, max(0.0, 2 * self._seen / LEARN_S - 1))

    @property
    def points(self) -> Floats:
        """[478, 3] canonical; the mean face before the first sighting."""
        return mesh.canonical() if self._rest is None else self._rest

    def learn(self, points: Floats, now: int) -> None:
        """Take in one sighting at ``now`` (nanoseconds)."""
        if self._points is None:
            self._points = first_rest(points)
            self._rest = unsmiling(self._points)
            self._last = now
            return
        dt = min(0.2, max(0.0, (now - self._last) / 1e9))
        self._last = now
        self._seen += dt
        pace = 0.10 * dt if self._seen < LEARN_S else DRIFT * dt
        step = np.clip(points - self._points, -pace, pace)
        self._points = (self._points + step).astype(np.float32)
        self._rest = unsmiling(self._points)

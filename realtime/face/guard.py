"""What an edit must not touch: the speaker's lips and a blink.

Speech comes first (the rule of the Neural Emotion Director, Papantoniou et al., 2022, section
3.2: the jaw opening before and after must agree): the gap between the lips stays the speaker's.
"""

from __future__ import annotations

import numpy as np

from realtime.face import mesh
from realtime.face.basis import ARKIT
from realtime.types import Floats

COMMON_OPENING = 0.10
"""How far, in eye distances, even narrow eyes open; less is a lowered gaze or a blink."""

UNSQUINT = 1.5
"""How many times as far lids go that open on their way to rest."""

YIELD, YIELD_MEETING = 0.4, 0.65
"""Share of the mouth's edit that gives way to lively speech, and where its lips meet."""

YIELD_PACE = 3.5
"""How fast that share may change, in a second."""

SEAM = 0.025
"""Aperture, in eye distances, up to which lips count as touching."""

JAW_GAP, JAW_MOST = 0.28, 0.22
"""How far jawOpen at 1 parts the lips, and the most that an edit adds."""

_UPPER = np.array([u for u, _ in mesh.INNER_LIPS])
_LOWER = np.array([lo for _, lo in mesh.INNER_LIPS])

# Inner lip point -> the points of the same lip that move along with it.
_COLUMNS_UPPER = {
    13: (0, 11, 12), 82: (37, 72, 38), 81: (39, 73, 41), 80: (40, 74, 42), 191: (185, 184, 183),
    312: (267, 302, 268), 311: (269, 303, 271), 310: (270, 304, 272), 415: (409, 408, 407),
}  # fmt: skip
_COLUMNS_LOWER = {
    14: (17, 16, 15), 87: (84, 85, 86), 178: (181, 180, 179), 88: (91, 90, 89), 95: (146, 77, 96),
    317: (314, 315, 316), 402: (405, 404, 403), 318: (321, 320, 319), 324: (375, 307, 325),
}  # fmt: skip

_LIPS = np.concatenate([_UPPER, _LOWER])
_ALONG = np.array([(_COLUMNS_UPPER | _COLUMNS_LOWER)[int(point)] for point in _LIPS])

_MOUTH = np.array([n.startswith(("mouth", "jaw")) for n in ARKIT])
_LIDS = tuple(
    np.flatnonzero(
        [n.startswith(("eyeWide", "eyeSquint", "eyeBlink")) and n.endswith(side) for n in ARKIT]
    )
    for side in ("Right", "Left")
)
_LID_PAIRS = np.array([mesh.LIDS_RIGHT, mesh.LIDS_LEFT])
_LID_LOOPS = np.array([mesh.RIGHT_EYE, mesh.LEFT_EYE])


class LipGuard:
    """Keeps the lips' gap the speaker's own, and lets the mouth's edit yield to speech."""

    def __init__(self) -> None:
        self._gap: float | None = None
        self._activity = 0.0
        self._share = 0.0
        self._at = 0

    def yielding(self, delta: Floats, canonical: Floats, now: int) -> Floats:
        """Return ``delta`` with what is added to the mouth lowered while the lips move quickly."""
        gap = _aperture(canonical)
        dt = (now - self._at) / 1e9
        self._at = now
        if self._gap is not None and 0 < dt < 0.5:
            pace = abs(gap - self._gap) / dt
            self._activity += min(1.0, dt / 0.37) * (pace - self._activity)
        self._gap = gap
        lively = min(1.0, self._activity / 0.7)
        met = _met(gap)
        goal = lively * (YIELD + (YIELD_MEETING - YIELD) * met)
        step = YIELD_PACE * min(max(dt, 0.0), 0.1)
        self._share += min(step, max(-step, goal - self._share))
        return np.where(_MOUTH & (delta > 0), delta * (1 - self._share), delta).astype(np.float32)

    def keep_aperture(
        self, moves: Floats, canonical: Floats, press: float = 0.0, nearer: float = 0.0
    ) -> Floats:
        """Return ``moves`` [478, 3] with each pair of inner lip points moving as one.

        ``press`` (0 to 1) takes out what little is left between lips that touch: a mouth that is
        drawn wide or up shows a thin seam as a gap. ``nearer`` is the share by which lips that are
        apart come nearer: all gaps by the same, so that they open and close as the speaker's.
        """
        moves = moves.copy()
        was = moves[_LIPS, 1]
        middle = (moves[_UPPER, 1] + moves[_LOWER, 1]) / 2
        apart = np.maximum(canonical[_LOWER, 1] - canonical[_UPPER, 1], 0.0)
        gap = np.minimum(apart, 2 * SEAM)
        close = (press * gap * (1 - gap / (2 * SEAM)) + nearer * (apart - gap)) / 2
        moves[_LIPS, 1] = goal = np.concatenate([middle + close, middle - close])
        moves[_ALONG, 1] += (goal - was)[:, None]
        return moves


def opening(wider: float, canonical: Floats, seen: Floats) -> float:
    """Return the jawOpen that makes a mouth ``wider`` times further open than it is.

    Only where the lips are apart already: a closed mouth stays closed, and what opens does so in
    step with the speaker. ``seen`` is ``canonical`` before it was steadied: it knows a frame
    earlier that lips have met.
    """
    if wider <= 0:
        return 0.0
    apart = max(0.0, _aperture(canonical) - SEAM) * (1 - _met(_aperture(seen)))
    return min(JAW_MOST, wider * apart / JAW_GAP)


def _met(gap: float) -> float:
    """Return how far lips count as touching, 0 to 1."""
    return min(1.0, max(0.0, 2 - gap / SEAM))


class LidGuard:
    """Lets go of the lids while they blink; learns how far these eyes open."""

    def __init__(self) -> None:
        self._wide = [COMMON_OPENING, COMMON_OPENING]
        self._free = [1.0, 1.0]

    def __call__(self, delta: Floats, canonical: Floats) -> Floats:
        """Return ``delta`` with the lids' part lowered where they are closing."""
        out = delta.copy()
        for side, apart in enumerate(_lids_apart(canonical)):
            wide = self._wide[side] = max(apart, self._wide[side] * 0.999)
            free = min(1.0, max(0.0, (apart / max(wide, 1e-3) - 0.35) / 0.35))
            self._free[side] = free
            if free < 1:
                out[_LIDS[side]] *= free
        return out

    def let_go(self, moves: Floats) -> Floats:
        """Return the way to rest [478, 3], less for lids that were closing when last seen.

        Lids that are to open go further: of what landmarks ask for, a face that squints shows
        about half, for the skin beyond its lids stays drawn together.
        """
        out = moves.copy()
        for lids, free, wider in zip(_LID_LOOPS, self._free, _lids_apart(moves), strict=True):
            out[lids] *= free * (UNSQUINT if wider > 0 else 1.0)
        return out


def _lids_apart(points: Floats) -> list[float]:
    """Return how far the lids of each eye are apart, of a face or of its movements."""
    heights = points[_LID_PAIRS, 1]
    apart: Floats = (heights[..., 1] - heights[..., 0]).sum(axis=1) / heights.shape[1]
    return apart.tolist()


def _aperture(canonical: Floats) -> float:
    gap: Floats = canonical[_LOWER[:5], 1] - canonical[_UPPER[:5], 1]
    return float(gap.sum()) / len(gap)

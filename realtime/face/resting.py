"""Taking a face back to how it rests, all of it and not only what has a name.

Coefficients miss a third to a half of what two actors' faces do in joy and grief. That part of the
way back is known only where the resting face is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from realtime.face import basis, mesh
from realtime.face.expression import solved
from realtime.types import Floats

MOST_POSES = 40
"""Pictures that a resting face is the median of; a blink is among few of them."""


class Given:
    """The face that its owner says is at rest: the median of the pictures that were said to be."""

    def __init__(self) -> None:
        self._poses: list[Floats] = []
        self.points: Floats | None = None
        self.said = False

    def say(self, said: bool) -> None:
        """Note whether the next picture is said to show it; the first that is begins anew."""
        if said and not self.said:
            self._poses = []
        self.said = said

    def learn(self, canonical: Floats) -> None:
        """Take in the next picture's face [478, 3]."""
        if self.said and len(self._poses) < MOST_POSES:
            self._poses.append(canonical)
            self.points = np.median(self._poses, axis=0).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Way:
    """What leads a face back to rest.

    Attributes:
        moves: [478, 3] to its mesh.
        plain: how much of what its skin shows goes too, above and below, 0 to 1.
    """

    moves: Floats
    plain: tuple[float, float]


STAYS = Way(np.zeros((mesh.POINTS, 3), np.float32), (0.0, 0.0))
"""Nothing goes back."""


def way_back(off: Floats, wanted: Floats, shares: tuple[float, float]) -> Way:
    """Return the way to rest, but for what the face shows of what is wanted anyway.

    Args:
        off: [478, 3] how far the face is from its rest, for long enough to be no speech.
        wanted: [478, 3] what the edit adds.
        shares: how much is to go, above and below, 0 to 1.
    """
    off = off * np.array((1, 1, 0), np.float32)
    off -= max(0.0, solved(off, "jawOpen")) * basis.displacements()[_JAW]
    parts = _parts()
    both = np.einsum("kni,kni->kn", [off, off, wanted], [off, wanted, wanted]) @ parts.T
    whole, along, length = np.maximum(both, 0.0)
    kept = np.minimum(1.0, along / np.maximum(length, 1e-6))
    left = 1 - kept * (2 * along - kept * length) / np.maximum(whole, 1e-6)
    part_shares = parts.T * np.array(shares, np.float32)
    moves = part_shares.sum(1, keepdims=True) * off - (part_shares @ kept)[:, None] * wanted
    above, below = (np.clip(left, 0, 1) * shares).tolist()
    return Way(-moves.astype(np.float32), (above, below))


_JAW = basis.INDEX["jawOpen"]


@cache
def _parts() -> Floats:
    """Return [2, 478]: how far each point belongs to the upper face, and to the lower."""
    upper = mesh.upper(mesh.canonical()[:, 1])
    return np.stack([upper, 1 - upper])

"""How a face's skin looks at rest, and the light that takes it back there: its folds gone.

To move a smile's landmarks back leaves its folds in the picture, and people go by the folds. Liu,
Shan and Zhang ("Expressive expression mapping with ratio images", SIGGRAPH 2001) carry what an
expression does to the light from face to face as a ratio of pictures. Here it is the ratio of a
face at rest to the same face now.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from realtime.clock import MS, SECOND
from realtime.face import furrows, mesh, skin
from realtime.face.motion import Sighting
from realtime.types import Floats, Frame

LEARN_S = 3.0
"""How long a resting look takes to be known, and to follow another lamp."""

EVERY_NS = 160 * MS
"""Between two pictures that are learnt from."""

ANEW_NS = 60 * MS
"""Between two looks at the face now, which cost as much as its warp: folds change slowly."""

STEADY_S = 0.15
"""How slowly what is seen now changes: single pictures tremble as the landmarks do."""

DEEPEST = 0.5
"""The most that is added to the logarithm of the light."""

UNLIKE, STRANGE = 0.14, 0.24
"""Root mean square of the ratio's logarithm from which on it is trusted less, and not at all: it is
another lamp then, or another face. Acted joy and grief have 0.05 to 0.09 against rest."""


class Looks:
    """Remembers the resting look of the largest face; one owner, picture after picture."""

    def __init__(self) -> None:
        self._front = skin.Front()
        self._said: Floats | None = None
        self._times_said = 0
        self.reset()

    def reset(self) -> None:
        """Forget what was learned; what was said to be at rest still is."""
        self._track = -1
        self._learnt: Floats | None = None
        self._for = 0.0
        self._at = 0
        self._now: Floats | None = None
        self._now_at = 0
        self._folds: Floats | None = None

    def learn(self, frame: Frame, seen: Sighting) -> None:
        """Take in the largest face of a picture."""
        if seen.track != self._track:
            self.reset()
            self._track = seen.track
        if seen.said:
            look = self._front(frame, seen.points)
            self._times_said += 1
            last = look if self._said is None else self._said
            self._said = last + (look - last) / self._times_said
            return
        self._times_said = 0
        since = EVERY_NS if self._learnt is None else seen.at - self._at
        if seen.at_rest <= 0 or since < EVERY_NS:
            return
        weight = min(since, 3 * EVERY_NS) / SECOND * seen.at_rest
        look = self._front(frame, seen.points)
        last = look if self._learnt is None else self._learnt
        self._at = seen.at
        self._for += weight
        self._learnt = last + (look - last) * min(1.0, weight / min(LEARN_S, self._for))

    def light(self, frame: Frame, seen: Sighting) -> Floats | None:
        """Return what to add to the gain of furrows [rows, columns]; None: nothing is known."""
        rest, sure = self._said, 1.0
        if rest is None:
            rest, sure = self._learnt, min(1.0, self._for / LEARN_S)
        if rest is None or max(seen.plain) * sure <= 0.01:
            self._now = self._folds = None
            return None
        if self._folds is None or not 0 <= seen.at - self._now_at < ANEW_NS:
            self._folds = _folds(rest - self._steadied(self._front(frame, seen.points), seen.at))
        above, below = seen.plain
        return np.expm1(sure * (below + (above - below) * _upper()) * self._folds)

    def _steadied(self, look: Floats, now: int) -> Floats:
        if self._now is not None and now >= self._now_at:
            share = min(1.0, (now - self._now_at) / SECOND / STEADY_S)
            look = self._now + share * (look - self._now)
        self._now, self._now_at = look, now
        return look


def _folds(off: Floats) -> Floats:
    """Return [rows, columns]: the logarithm of what lights the folds of a face away.

    Args:
        off: [rows, columns] how far its look is from rest.
    """
    ratio, where = skin.without_lamp(off), skin.where_skin()
    unlike = float(np.sqrt((where * ratio * ratio).sum() / where.sum()))
    sure = float(np.interp(unlike, (UNLIKE, STRANGE), (1.0, 0.0)))
    return sure * where * np.clip(ratio, -DEEPEST, DEEPEST)


@cache
def _upper() -> Floats:
    """Return [rows, 1]: how far each row of the drawing belongs to the upper face."""
    heights = furrows.TOP + (np.arange(furrows.SHAPE[0]) + 0.5) * furrows.STEP
    return mesh.upper(heights)[:, None]

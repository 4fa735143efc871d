"""Leaving a little sound out, or saying a little twice, where nobody hears it; pure.

What is voiced repeats itself some hundred times a second. To go over from one wave to the like
place of another is not heard, nor is it within silence. The method is WSOLA (Verhelst and Roelands,
"An overlap-add technique based on waveform similarity for high quality time-scale modification of
speech", ICASSP 1993), done once where it is wanted rather than all the time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from realtime.types import Floats

FADE = 240
"""Samples in which one place goes over into the other: 5 ms."""

QUIET = 0.05
"""What is so much fainter than speech is silence: -26 dB."""

EVEN = 0.03
"""Places that differ by no more than this in likeness are as good as each other."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go over to.

    Attributes:
        at: samples from the beginning of what was searched.
        likeness: to what would have followed: 1 where nothing is heard of it, 0 where all is.
    """

    at: int
    likeness: float


def like_place(here: Floats, stretch: Floats, loud: float, *, last: bool) -> Place:
    """Return the place in ``stretch`` that is most like ``here``.

    Args:
        here: [FADE] samples that would follow.
        stretch: [FADE or more] samples to go over to.
        loud: root mean square of speech; where all of it is far fainter, any place will do.
        last: take the last of several that are as good, else the first.
    """
    own, sums = float(here @ here), np.cumsum(np.square(stretch, dtype=np.float64))
    energy = sums[FADE - 1 :].copy()
    energy[1:] -= sums[:-FADE]
    faint = FADE * (QUIET * loud) ** 2
    if max(own, float(energy.max())) <= faint:
        return Place(len(energy) - 1 if last else 0, 1.0)
    alike = np.correlate(stretch, here) / np.sqrt(np.maximum(energy * own, 1e-12))
    good = np.flatnonzero(alike >= alike.max() - EVEN)
    at = int(good[-1 if last else 0])
    return Place(at, float(alike[at]))


def gone_over(old: Floats, new: Floats) -> Floats:
    """Return ``new``, its beginning faded over from ``old`` [FADE]; what is alike stays even."""
    rise = (np.arange(FADE, dtype=np.float32) + np.float32(0.5)) / FADE
    out = new.copy()
    out[:FADE] = old * (1 - rise) + new[:FADE] * rise
    return out

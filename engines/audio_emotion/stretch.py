"""What the network is shown: the last seconds of speech, as a picture and as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from engines.audio_emotion.contours import WIDTH
from engines.audio_emotion.estimate import Floats
from engines.audio_emotion.functionals import BANDS, functionals
from engines.audio_emotion.pitch import HOP

LENGTH = 200
"""Columns of the picture, twenty milliseconds each."""

LONGEST = 2 * LENGTH
"""Rows of contours that are looked at, at most: four seconds."""

SHORTEST = 30
"""Rows below which nothing can be said."""

DEEPEST = -5.0
"""How far below the loud moments the picture reaches, in powers of ten."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The network's inputs.

    Attributes:
        picture: [``LENGTH``, ``WIDTH``]: contours, each mean of two rows, loud moments at 0.
        heard: [``LENGTH``], 1 where the picture is, 0 after its end.
        numbers: [COUNT] functionals.
    """

    picture: Floats
    heard: Floats
    numbers: Floats


def stretch(contours: Floats) -> Stretch:
    """Return the inputs for [n, ``WIDTH``] contours; of more than ``LONGEST`` rows the last."""
    rows = contours[-LONGEST:]
    count = len(rows) // 2
    pairs = rows[: 2 * count].reshape(count, 2, WIDTH).mean(axis=1)
    strength = cast("Floats", 10 ** pairs[:, :BANDS])
    power = cast("Floats", np.log10(strength.mean(axis=1) + 1e-9))
    picture = np.zeros((LENGTH, WIDTH), np.float32)
    picture[:count] = pairs
    picture[:count, :BANDS] = np.maximum(pairs[:, :BANDS] - np.quantile(power, 0.9), DEEPEST)
    heard = np.zeros(LENGTH, np.float32)
    heard[:count] = 1
    return Stretch(picture, heard, functionals(rows))


def rows_of(span: tuple[int, int], pad: int, made: int) -> tuple[int, int]:
    """Return which rows of ``made`` lie in ``span`` of samples, with ``pad`` on either side."""
    return max(0, (span[0] - pad) // HOP), min(made, (span[1] + pad) // HOP + 1)

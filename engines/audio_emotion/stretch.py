"""What the network is shown: the last seconds of speech, as numbers and as a spectrogram."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.audio_emotion.contours import Passage
from engines.audio_emotion.estimate import Floats
from engines.audio_emotion.functionals import functionals
from engines.audio_emotion.pitch import HOP
from kernels.reference import LOG_MEL_128

LONGEST = 400
"""Rows of contours that are looked at, at most: four seconds."""

SHORTEST = 30
"""Rows below which nothing can be said."""

SPECTRA = 128
"""Columns of the spectrogram, 32 ms each: what is shorter is shown over and over."""

POWERS = 3.0
"""Powers of ten that are 1 in the spectrogram, which is 1 where it is loud and at least -1."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The network's inputs.

    Attributes:
        numbers: [COUNT] functionals.
        spectrogram: [``SPECTRA``, 128], for the paper's encoder.
    """

    numbers: Floats
    spectrogram: Floats


def stretch(passage: Passage) -> Stretch:
    """Return the inputs for a passage; of more than ``LONGEST`` rows the last."""
    late = last_of(passage)
    return Stretch(functionals(late.rows), repeated(late.spectra / POWERS))


def last_of(passage: Passage) -> Passage:
    """View what is looked at of a passage."""
    return passage.part(max(0, len(passage) - LONGEST), len(passage))


def repeated(spectra: Floats) -> Floats:
    """Return [``SPECTRA``, 128] of [m, 128], over and over, with what is loud at 1."""
    level = np.maximum(spectra - np.quantile(spectra, 0.95) + 1, -1)
    return np.resize(level, (SPECTRA, LOG_MEL_128.bands)).astype(np.float32)


def rows_of(span: tuple[int, int], pad: int, made: int) -> tuple[int, int]:
    """Return which rows of ``made`` lie in ``span`` of samples, with ``pad`` on either side."""
    return max(0, (span[0] - pad) // HOP), min(made, (span[1] + pad) // HOP + 1)

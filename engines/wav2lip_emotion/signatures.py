"""What each network of Wav2Lip-Emotion takes and gives, by the name that it has among engines.

Light to import: whoever lists networks needs none of what runs one.
"""

from __future__ import annotations

from collections.abc import Mapping

from engines.spec import Spec, Tensor
from kernels.reference.mel import WAV2LIP

LIVE_SIDE, LIVE_EDITS = 128, 8
"""Pixels across what the generator for calls sees; emotions that it is told of."""

SIDE, FRAMES = 96, 5
"""Pixels across the paper's faces, and how many of them its expert sees: 0.2 s at 25 a second."""

BANDS, COLUMNS = WAV2LIP.bands, 16
"""Of the spectrogram that all of them hear: 0.2 s at 80 columns a second."""

LIVE = Spec(
    "live_generator",
    (
        Tensor("face", (1, 3, LIVE_SIDE, LIVE_SIDE)),
        Tensor("edit", (1, LIVE_EDITS, 1, 1)),
        Tensor("speech", (1, 1, BANDS, COLUMNS)),
    ),
    (
        Tensor("shift", (1, 2, LIVE_SIDE, LIVE_SIDE)),
        Tensor("colour", (1, 3, LIVE_SIDE, LIVE_SIDE)),
        Tensor("mask", (1, 1, LIVE_SIDE, LIVE_SIDE)),
    ),
)

PAPER = Spec(
    "wav2lip_emotion",
    (Tensor("mel", (1, 1, BANDS, COLUMNS)), Tensor("faces", (1, 6, SIDE, SIDE))),
    (Tensor("drawn", (1, 3, SIDE, SIDE)),),
)

EXPERT = Spec(
    "lip_sync_expert",
    (
        Tensor("mel", (1, 1, BANDS, COLUMNS)),
        Tensor("mouths", (1, 3 * FRAMES, SIDE // 2, SIDE)),
    ),
    (Tensor("agreement", (1, 1, 1, 1)),),
)

ALL: Mapping[str, Spec] = {spec.name: spec for spec in (LIVE, PAPER, EXPERT)}

"""The networks' signatures: what they are shown and what they give."""

from __future__ import annotations

from engines.audio_emotion.contours import WIDTH
from engines.audio_emotion.estimate import EMOTIONS
from engines.audio_emotion.functionals import COUNT
from engines.audio_emotion.stretch import LENGTH
from engines.spec import Spec, Tensor

NAME = "audio_emotion"

SPEC = Spec(
    NAME,
    (
        Tensor("picture", (1, LENGTH, WIDTH)),
        Tensor("heard", (1, LENGTH)),
        Tensor("numbers", (1, COUNT)),
    ),
    (Tensor("logits", (1, len(EMOTIONS))),),
)
"""Logits are calibrated: their softmax is how likely each emotion is, for a whole utterance."""

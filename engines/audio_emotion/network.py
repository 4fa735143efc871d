"""The network's signature: what it is shown and what it gives. Light to import."""

from __future__ import annotations

from pathlib import Path

from engines.audio_emotion.estimate import EMOTIONS
from engines.spec import Spec, Tensor

NAME = "audio_emotion"

WEIGHTS = Path(__file__).with_name("audio_emotion.onnx")
"""What ``visavis train audio-emotion`` made; ``card.md`` beside it says of what."""

SPEC = Spec(
    NAME,
    (Tensor("numbers", (1, 388)), Tensor("spectrogram", (1, 128, 128))),
    (Tensor("logits", (1, len(EMOTIONS))),),
)
"""Takes a ``Stretch``. Logits are calibrated: their softmax is how likely each emotion is, for a
whole utterance."""

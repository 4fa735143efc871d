"""Ways to hear a recording when a network is judged."""

from __future__ import annotations

import numpy as np

from engines.audio_emotion.augmentation import background, noisy, telephone
from engines.audio_emotion.estimate import Floats

CONDITIONS = ("clean", "telephone", "noise")
"""As it is; 300 to 3,400 Hz in 8 bits; hiss, rumble or hum 10 dB below the voice."""


def in_condition(sound: Floats, condition: str, random: np.random.Generator) -> Floats:
    """Return a sound as one of ``CONDITIONS`` has it."""
    if condition == "telephone":
        return telephone(sound)
    if condition == "noise":
        return noisy(sound, background(len(sound), random), 10)
    return sound

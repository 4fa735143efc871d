"""What is heard and what is shown for it, in words for JSON: one table for page, log and report."""

from __future__ import annotations

from engines.audio_emotion.estimate import EMOTIONS
from realtime.voice.drive import Aim
from realtime.voice.follow import Follow
from realtime.voice.reading import Reading


def reading_words(reading: Reading, aim: Aim | None) -> dict[str, object]:
    """Return a reading and what the face is made to show by it."""
    estimate = reading.estimate
    words: dict[str, object] = {
        "hears": reading.hears.value,
        "emotion": None if estimate is None else estimate.emotion,
        "confidence": 0.0 if estimate is None else round(estimate.confidence, 3),
        "valence": 0.0 if estimate is None else round(estimate.valence, 3),
        "arousal": 0.0 if estimate is None else round(estimate.arousal, 3),
        "probabilities": None,
        **aim_words(aim),
    }
    if estimate is not None:
        pairs = zip(EMOTIONS, estimate.probabilities, strict=True)
        words["probabilities"] = {emotion: round(p, 3) for emotion, p in pairs}
    return words | ({"reason": reading.reason} if reading.reason else {})


def aim_words(aim: Aim | None) -> dict[str, object]:
    """Return what the voice makes the face show; nothing where it leaves it alone."""
    return {"shows": aim and aim.name, "intensity": 0.0 if aim is None else aim.intensity}


def follow_words(follow: Follow) -> dict[str, object]:
    """Return what the voice is to do to the face, the whole map included."""
    return {
        "follow": follow.follow,
        "calm": follow.calm,
        "by": follow.by,
        "strength": follow.strength,
        "smoothing_ms": follow.smoothing_ms,
        "sure": follow.sure,
        "map": dict(follow.whole_map),
    }

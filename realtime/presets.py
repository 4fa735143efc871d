"""Whole edits that have a name."""

from __future__ import annotations

from collections.abc import Mapping

from realtime.types import Edit, Emotion

PRESETS: Mapping[str, Edit] = {
    "off": Edit(),
    "friendly": Edit(Emotion.HAPPY, 0.45, ramp_ms=600.0),
    "bright": Edit(Emotion.HAPPY, 0.9, ramp_ms=400.0),
    "attentive": Edit(Emotion.SURPRISE, 0.35, mouth=0.0, ramp_ms=500.0),
    "sympathetic": Edit(Emotion.SAD, 0.4, mouth=0.5, ramp_ms=800.0),
    "sceptical": Edit(Emotion.CONTEMPT, 0.6, mouth=0.4, ramp_ms=600.0),
    "stern": Edit(Emotion.ANGRY, 0.5, mouth=0.4, ramp_ms=600.0),
    "poker face": Edit(Emotion.NEUTRAL, 1.0, ramp_ms=600.0),
}
"""Those that are always there; a preset of the same name in the settings takes the place of one."""


def all_presets(own: Mapping[str, Edit]) -> dict[str, Edit]:
    """Return the built-in presets and ``own``, these first."""
    return {**own, **{name: edit for name, edit in PRESETS.items() if name not in own}}

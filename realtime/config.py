"""Every setting in one frozen value, with its default; read from TOML, unknown keys refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from realtime.types import Edit


@dataclass(frozen=True, slots=True)
class FilterSettings:
    """How the filter works, whatever it is asked to show.

    Attributes:
        faces: edit the largest face alone, or each.
        budget_ms: how long after its capture a live frame may still be shown.
        show_unfiltered: show the camera's own picture when the filter cannot keep up.
    """

    faces: Literal["largest", "all"] = "largest"
    budget_ms: float = 80.0
    show_unfiltered: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """All settings."""

    edit: Edit = field(default_factory=Edit)
    filter: FilterSettings = field(default_factory=FilterSettings)

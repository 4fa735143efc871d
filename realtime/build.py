"""The one place that names concrete classes."""

from __future__ import annotations

from realtime.clock import Clock, SystemClock
from realtime.config import FilterSettings
from realtime.face.animator import Animator
from realtime.face.renderer import Renderer
from realtime.face.tracker import Tracker
from realtime.face.warmup import warm_up
from realtime.filter import EmotionFilter
from realtime.stage import Meter


def build_filter(
    settings: FilterSettings, clock: Clock | None = None, *, still: bool = False
) -> EmotionFilter:
    """Return a filter, warmed up; ``still`` is for photographs: nothing is carried over."""
    warm_up()
    meter = Meter(clock or SystemClock())
    return EmotionFilter(
        Tracker(settings.faces, still=still),
        Animator(still=still),
        Renderer(),
        meter,
        show_unfiltered=settings.show_unfiltered,
    )

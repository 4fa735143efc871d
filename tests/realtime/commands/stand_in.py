"""A filter that is quick and plain to see: it whitens a patch where it "found" a face."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from realtime.clock import ManualClock
from realtime.config import FilterSettings
from realtime.face.motion import Animation, Canvas, Pose
from realtime.filter import EmotionFilter
from realtime.stage import Meter
from realtime.types import Edit, Frame, Landmarks
from tests.realtime.steps import Step

PATCH = (slice(8, 16), slice(24, 40))
WHITE = 251


class StandIn:
    """Builds filters and remembers how it was asked to.

    Attributes:
        faces: how many faces frame ``seq`` has.
        before: called with each frame before anything else.
        edits: what each frame was to show.
        rests: how many frames were said to show a face at rest.
        settings: how each filter was to work, and whether it was for a photograph.
        render: the last stage of the filter built last; it counts its closes.
    """

    def __init__(self) -> None:
        self.faces: Callable[[int], int] = lambda seq: 1
        self.before: Callable[[Frame], None] = lambda frame: None
        self.edits: list[Edit] = []
        self.rests = 0
        self.settings: list[tuple[FilterSettings, bool]] = []
        self.render = Step("render", ManualClock(), self._render)

    def __call__(
        self, settings: FilterSettings, clock: object = None, *, still: bool = False
    ) -> EmotionFilter:
        self.settings.append((settings, still))
        time = ManualClock()
        locate = Step("landmarks", time, self._locate)
        animate = Step("animate", time, self._animate)
        self.render = Step("render", time, self._render)
        return EmotionFilter(locate, animate, self.render, Meter(time))

    def _locate(self, frame: Frame) -> tuple[Landmarks, ...]:
        self.before(frame)
        points = np.zeros((478, 3), np.float32)
        return (Landmarks(points, 1.0, frame.captured),) * self.faces(frame.seq)

    def _animate(self, pose: Pose) -> Animation:
        if pose.at_rest:
            self.rests += 1
            return Animation((), 0.0, {})
        self.edits.append(pose.edit)
        return Animation((), float(bool(pose.faces)), {})

    def _render(self, canvas: Canvas) -> Frame:
        if not self.faces(canvas.frame.seq):
            return canvas.frame
        first = canvas.frame.planes[0].copy()
        first[PATCH] = WHITE
        return canvas.frame.with_planes((first, *canvas.frame.planes[1:]))

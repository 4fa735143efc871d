"""A face that was said to be at rest: neutral leads back to it, by shape and by light."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from realtime.build import build_filter
from realtime.clock import Deadline, ManualClock
from realtime.config import FilterSettings
from realtime.types import Edit, Emotion, PixelFormat, Pixels
from tests import portrait
from tests.golden.features import measure

NEUTRAL = Edit(Emotion.NEUTRAL)
FOLD = 206
"""A point of the mesh beside nose and mouth."""


def film(rest: Sequence[Pixels], then: Pixels, layout: PixelFormat = "yuv420p") -> Pixels:
    """Return what neutral makes of a picture after two seconds, once ``rest`` was shown."""
    with closing(build_filter(FilterSettings(), ManualClock())) as filtering:
        for i, picture in enumerate(rest):
            shown = replace(portrait.frame(picture, i, layout), at_rest=True)
            filtering(shown, Edit(), Deadline(None))
        film = [portrait.frame(then, len(rest) + i, layout) for i in range(60)]
        out = [filtering(frame, NEUTRAL, Deadline(None)) for frame in film][-1]
    assert out is not None
    return portrait.rgb_of(out.frame)


def through_yuv(rgb: Pixels) -> Pixels:
    return portrait.rgb_of(portrait.frame(rgb))


@pytest.mark.parametrize("layout", ["yuv420p", "rgb24"])
def test_a_smile_goes_back_to_the_mouth_that_was_shown(layout: PixelFormat):
    rest = portrait.act(portrait.REST, lips=1.0)
    goal, smiling = measure(rest), measure(portrait.photograph())
    after = measure(film([rest] * 12, portrait.photograph(), layout))
    assert smiling.corners_mean - goal.corners_mean > 0.05
    assert abs(after.corners_mean - goal.corners_mean) < 0.035
    assert abs(after.mouth - goal.mouth) < 0.3 * abs(smiling.mouth - goal.mouth)


def test_a_shadow_that_rest_has_not_goes_from_the_skin():
    lit = portrait.act(portrait.REST, lips=1.0)
    x, y = portrait.found().points[FOLD, :2]
    rows, columns = np.mgrid[0 : portrait.HEIGHT, 0 : portrait.WIDTH]
    spot = np.exp(-((columns - x) ** 2 / 50 + (rows - y) ** 2 / 200))
    folded = np.rint(lit * (1 - 0.35 * spot[..., None])).astype(np.uint8)
    after = film([lit] * 12, folded)

    def dark(picture: Pixels) -> float:
        return float((through_yuv(lit).astype(float) - picture)[spot > 0.3].mean())

    assert dark(folded) > 20
    assert abs(dark(after)) < 0.4 * dark(folded)


def test_who_is_at_rest_is_left_alone():
    rest = portrait.act(portrait.REST, lips=1.0)
    after = film([rest] * 12, rest)
    assert float(np.abs(after.astype(float) - through_yuv(rest)).mean()) < 0.3

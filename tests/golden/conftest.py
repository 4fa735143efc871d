"""One warmed-up filter for all golden tests; whoever asks for it gets it without a memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from realtime.build import build_filter
from realtime.clock import Deadline, ManualClock
from realtime.config import FilterSettings
from realtime.filter import EmotionFilter
from realtime.types import Edit, Filtered, Pixels
from tests import portrait

Play = Callable[..., list[Filtered]]


@pytest.fixture(scope="session")
def built() -> Iterator[EmotionFilter]:
    filter = build_filter(FilterSettings(), ManualClock())
    yield filter
    filter.close()


@pytest.fixture(scope="session")
def play(built: EmotionFilter) -> Play:
    """Return what shows a new film to the filter, every ``step``-th picture of 30 a second."""

    def run(film: Sequence[Pixels], edit: Edit, step: int = 1) -> list[Filtered]:
        built.reset()
        outs: list[Filtered] = []
        for i, picture in enumerate(film):
            out = built(portrait.frame(picture, i * step), edit, Deadline(None))
            assert out is not None
            outs.append(out)
        return outs

    return run

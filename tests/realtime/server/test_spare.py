from __future__ import annotations

import threading
import time

import pytest

from realtime.filter import EmotionFilter, Filter
from realtime.server.spare import Spare
from tests.realtime.server.fakes import FakeFilter, threads


def test_the_prepared_filter_is_taken_once_and_the_next_is_another() -> None:
    built: list[FakeFilter] = []

    def build() -> EmotionFilter:
        built.append(FakeFilter())
        return built[-1]

    spare = Spare(build)
    spare.prepare()
    spare.prepare()
    first, second = spare.take(), spare.take()
    assert [first, second] == built
    assert first is not second
    spare.prepare()
    while len(built) < 3:
        time.sleep(0.001)
    spare.close()
    spare.close()
    assert [f.render.closed for f in built] == [0, 0, 1], "those taken belong to their calls"
    assert not threads()


def test_two_calls_at_once_get_a_filter_each() -> None:
    spare = Spare(FakeFilter)
    taken: list[Filter] = []
    both = [threading.Thread(target=lambda: taken.append(spare.take())) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(set(map(id, taken))) == 2
    spare.close()


def test_a_failed_build_is_told_to_who_asks_and_tried_again() -> None:
    tries: list[int] = []

    def build() -> EmotionFilter:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("no model")
        return FakeFilter()

    spare = Spare(build)
    with pytest.raises(RuntimeError, match="no model"):
        spare.take()
    spare.take()
    spare.close()


def test_nothing_is_built_once_it_is_closed() -> None:
    spare = Spare(FakeFilter)
    spare.close()
    spare.prepare()
    with pytest.raises(RuntimeError, match="closing"):
        spare.take()
    assert not threads()

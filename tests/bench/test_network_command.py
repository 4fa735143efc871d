"""When a call counts as smooth again."""

from __future__ import annotations

from bench.network.command import smooth_after


def test_it_is_smooth_again_when_the_last_halt_is_over() -> None:
    steady = [33.0 * i for i in range(100)]
    assert smooth_after(0.0, steady, 3300.0) == 0.0
    late = [t for t in steady if not 300 < t < 900 and not 1000 < t < 1500]
    assert smooth_after(0.0, late, 3300.0) == 1.52


def test_pictures_that_stop_are_no_recovery() -> None:
    assert smooth_after(0.0, [], 6000.0) is None
    assert smooth_after(0.0, [33.0, 66.0], 6000.0) is None

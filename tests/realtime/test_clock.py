"""Time is passed in, and a deadline says what still fits."""

from __future__ import annotations

from realtime.clock import MS, Deadline, ManualClock, SystemClock


def test_a_manual_clock_moves_only_when_told_to():
    clock = ManualClock()
    assert clock.now() == clock.now() == 0
    clock.advance(40 * MS)
    clock.advance(1)
    assert clock.now() == 40 * MS + 1


def test_the_systems_clock_never_runs_backwards():
    clock = SystemClock()
    stamps = [clock.now() for _ in range(1000)]
    assert stamps == sorted(stamps)
    assert stamps[-1] > stamps[0]


def test_work_fits_up_to_the_deadline_and_not_a_nanosecond_longer():
    deadline = Deadline(100)
    assert deadline.fits(now=60, cost=40)
    assert not deadline.fits(now=60, cost=41)
    assert not deadline.fits(now=101, cost=0)


def test_without_a_deadline_everything_fits():
    assert Deadline(None).fits(now=10**18, cost=10**18)

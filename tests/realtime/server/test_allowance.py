from __future__ import annotations

from collections import Counter

from realtime.clock import SECOND
from realtime.server.allowance import BURST, FORGET, PATIENCE, RATE, Allowance, Verdict


def judged(allowance: Allowance, rate: float, seconds: float, start: int = 0) -> Counter[Verdict]:
    """Return the verdicts on that many messages a second."""
    step = round(SECOND / rate)
    return Counter(allowance.spend(start + i * step) for i in range(round(rate * seconds)))


def test_a_pad_dragged_for_a_minute_is_followed_throughout() -> None:
    assert set(judged(Allowance(), RATE, 60)) == {Verdict.FOLLOW}


def test_a_burst_is_followed_and_the_surplus_told_of_once() -> None:
    verdicts = judged(Allowance(), 1e9, 500e-9)
    assert verdicts[Verdict.FOLLOW] == BURST
    assert verdicts[Verdict.COMPLAIN] == 1
    assert verdicts[Verdict.END] == 0


def test_somewhat_too_many_are_thinned_out_for_ever() -> None:
    verdicts = judged(Allowance(), 1.8 * RATE, 120)
    assert verdicts[Verdict.END] == 0
    assert verdicts[Verdict.COMPLAIN] == 1
    assert abs(verdicts[Verdict.FOLLOW] - 120 * RATE) <= BURST + 1


def test_a_flood_is_sent_away() -> None:
    allowance = Allowance()
    verdicts = judged(allowance, 1e9, (BURST + PATIENCE + 10) * 1e-9)
    assert verdicts[Verdict.END] == 10


def test_after_a_pause_the_next_surplus_is_told_of_again() -> None:
    allowance = Allowance()
    judged(allowance, 1e9, 200e-9)
    assert judged(allowance, 1e9, 200e-9, start=FORGET + SECOND)[Verdict.COMPLAIN] == 1

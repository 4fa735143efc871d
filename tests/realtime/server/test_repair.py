"""Lost packets are asked for again, late ones are waited for."""

from __future__ import annotations

import random
from itertools import pairwise

from aiortc.rtp import RtpPacket

from realtime.clock import MS, ManualClock
from realtime.server.repair import FIRST_TRIP, MOST, Repair


class Line:
    """Packets on their way, and what is asked for."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.repair = Repair(self.clock)
        self.asked: list[tuple[int, int]] = []

    def came(self, number: int, after: int = 5 * MS) -> None:
        self.clock.advance(after)
        if self.repair.add(RtpPacket(sequence_number=number % 65_536)):
            self.asked += [(self.clock.now() // MS, n) for n in self.repair.missing]


def test_a_lost_packet_is_asked_for_until_it_comes() -> None:
    line = Line()
    for number in (65_534, 65_535, 1, *range(2, 40)):
        line.came(number)
    times = [at for at, number in line.asked if number == 0]
    assert {number for _, number in line.asked} == {0}
    assert times[0] <= 15 + 10
    assert len(times) >= 2
    assert min(b - a for a, b in pairwise(times)) >= FIRST_TRIP // MS
    line.came(0)
    before = len(line.asked)
    for number in range(40, 80):
        line.came(number)
    assert len(line.asked) == before


def test_packets_that_only_overtake_each_other_are_soon_not_asked_for() -> None:
    line = Line()
    order = random.Random(1)
    arrivals = sorted((n * 5 + order.uniform(0, 40), n) for n in range(600))
    for (before, _), (at, number) in pairwise(arrivals):
        line.came(number, round((at - before) * MS))
    late = [at for at, _ in line.asked if at > 1500]
    assert len(late) < 0.1 * 300


def test_an_outage_is_not_asked_for_packet_by_packet() -> None:
    line = Line()
    line.came(0)
    for number in range(MOST + 2, MOST + 40):
        line.came(number)
    assert line.asked == []


def test_what_is_given_up_is_not_asked_for_any_more() -> None:
    line = Line()
    for number in (0, *range(2, 300)):
        line.came(number)
    assert max(at for at, _ in line.asked) < 350

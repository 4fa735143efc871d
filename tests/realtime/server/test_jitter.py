from __future__ import annotations

from collections.abc import Iterable

import pytest
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtp import RtpPacket

from realtime.clock import MS, ManualClock
from realtime.server.jitter import (
    ASK_AGAIN,
    PICTURE_PATIENCE,
    SOUND_PATIENCE,
    PromptJitterBuffer,
    is_key,
)

PICTURE = 33 * MS
KEY, DELTA = 0, 1
"""VP8's lowest bit says whether a picture needs one before it."""


def packet(number: int, timestamp: int, *, last: bool = False, first: int = DELTA) -> RtpPacket:
    made = RtpPacket(
        sequence_number=number % 65_536, timestamp=timestamp, marker=int(last), payload_type=96
    )
    vars(made)["_data"] = bytes([first]) + b"<%d>" % number
    return made


def pictures(first: int, count: int, packets: int = 3, kind: int = DELTA) -> list[RtpPacket]:
    """Return the packets of ``count`` pictures, 3 each, the last of each marked."""
    return [
        packet(
            first + i, 3000 * (first + i // packets), last=i % packets == packets - 1, first=kind
        )
        for i in range(count * packets)
    ]


def text(*numbers: int, kind: int = DELTA) -> bytes:
    """Return the data of a frame made of packets with these numbers."""
    return b"".join(bytes([kind]) + b"<%d>" % n for n in numbers)


class Bench:
    """A buffer, its clock, and everything that it let go, in order."""

    def __init__(self, *, is_video: bool = True) -> None:
        self.clock = ManualClock()
        self.out: list[bytes] = []
        self.keys_wanted = 0
        self.buffer = PromptJitterBuffer(self.clock, is_video=is_video, deliver=self._deliver)

    def feed(self, packets: Iterable[RtpPacket], every: int = 0) -> list[bytes]:
        """Return what is let go by these packets."""
        before = len(self.out)
        for one in packets:
            self.clock.advance(every)
            wanted, frame = self.buffer.add(one)
            self.keys_wanted += wanted
            if frame is not None:
                self.out.append(frame.data)
        return self.out[before:]

    def _deliver(self, _kind: int, frame: JitterFrame) -> None:
        self.out.append(frame.data)


@pytest.mark.parametrize("first", [0, 65_533])
def test_a_picture_is_let_go_with_its_last_packet(first: int) -> None:
    bench = Bench()
    a, b, c, d, e, f = pictures(first, 2)
    assert bench.feed([a, b]) == []
    assert bench.feed([c]) == [text(first, first + 1, first + 2)]
    assert bench.feed([d, e]) == []
    assert bench.feed([f]) == [text(first + 3, first + 4, first + 5)]


def test_packets_that_overtake_each_other_are_put_in_order() -> None:
    bench = Bench()
    a, b, c, d, e, f = pictures(10, 2)
    assert bench.feed([a, c, b]) == [text(10, 11, 12)]
    assert bench.feed([e, f, d]) == [text(13, 14, 15)]


def test_without_a_mark_the_next_picture_tells_the_end() -> None:
    bench = Bench()
    a, b, c, *more = pictures(0, 2)
    c.marker = 0
    assert bench.feed([a, b, c]) == []
    assert bench.feed(more) == [text(0, 1, 2), text(3, 4, 5)]


def test_what_waited_for_a_packet_goes_with_it_all_at_once() -> None:
    bench = Bench()
    a, b, c, *more = pictures(0, 3)
    assert bench.feed([a, c, *more]) == []
    assert bench.feed([b]) == [text(0, 1, 2), text(3, 4, 5), text(6, 7, 8)]


def test_a_packet_that_never_comes_stops_pictures_until_the_next_key_frame() -> None:
    bench = Bench()
    a, _, c, *more = pictures(0, 14)
    assert bench.feed([a, c, *more], every=PICTURE // 3) == [], "broken pictures are not shown"
    assert bench.keys_wanted == 1
    assert bench.feed(pictures(42, 1, kind=KEY)) == [text(42, 43, 44, kind=KEY)]
    assert bench.feed(pictures(45, 1)) == [text(45, 46, 47)]
    assert bench.keys_wanted == 1


def test_a_key_frame_that_does_not_come_is_asked_for_again() -> None:
    bench = Bench()
    a, _, c, *more = pictures(0, 120)
    bench.feed([a, c, *more], every=PICTURE // 3)
    asked_for = 120 * PICTURE - PICTURE_PATIENCE
    assert bench.keys_wanted == pytest.approx(asked_for / ASK_AGAIN, abs=2)


def test_a_packet_from_long_ago_or_sent_twice_changes_nothing() -> None:
    bench = Bench()
    first = pictures(0, 200)
    bench.feed(first)
    assert bench.feed([first[0], first[450], first[599]]) == []
    assert bench.feed(pictures(600, 1)) == [text(600, 601, 602)]


def test_numbers_that_begin_anew_are_followed_from_a_key_frame() -> None:
    bench = Bench()
    bench.feed(pictures(0, 3))
    assert bench.feed(pictures(30_000, 2)) == []
    assert bench.keys_wanted == 1
    assert bench.feed(pictures(30_006, 1, kind=KEY)) == [text(30_006, 30_007, 30_008, kind=KEY)]


def test_padding_is_no_picture() -> None:
    bench = Bench()
    bench.feed(pictures(0, 1))
    probe = packet(3, 9000)
    vars(probe)["_data"] = b""
    assert bench.feed([probe]) == []
    assert bench.feed(pictures(4, 1)) == [text(4, 5, 6)]


def test_a_packet_of_sound_is_let_go_at_once() -> None:
    bench = Bench(is_video=False)
    for n in (5, 6, 7):
        assert bench.feed([packet(n, 960 * n)]) == [text(n)]


def test_lost_sound_holds_up_the_rest_for_a_moment_and_leaves_nothing_late() -> None:
    bench = Bench(is_video=False)
    for n in (0, *range(2, 12)):
        bench.feed([packet(n, 960 * n)], every=20 * MS)
    assert bench.out == [text(n) for n in (0, *range(2, 12))]
    assert bench.keys_wanted == 0
    bench = Bench(is_video=False)
    bench.feed([packet(0, 0)])
    waited = 0
    while not bench.feed([packet(2 + waited, 960 * (2 + waited))], every=20 * MS):
        waited += 1
    assert waited * 20 * MS <= SOUND_PATIENCE + 20 * MS


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"\x10\x02\x00\x9d\x01\x2a", True),
        (b"\x31\x02\x00", False),
        (b"\0\0\0\1\x67aa\0\0\0\1\x68b\0\0\0\1\x65c", True),
        (b"\0\0\0\1\x41abc", False),
        (b"\0\0\0\1", False),
    ],
)
def test_a_key_frame_is_told_from_others(data: bytes, key: bool) -> None:
    assert is_key(data) == key


def test_the_stamp_that_aiortc_counts_from_is_known() -> None:
    bench = Bench()
    a, b, c, *more = pictures(5, 2)
    bench.feed([a, b])
    assert bench.buffer.first is None
    bench.feed([c, *more])
    assert bench.buffer.first == a.timestamp

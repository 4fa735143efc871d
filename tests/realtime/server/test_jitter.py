from __future__ import annotations

from collections.abc import Iterable

import pytest
from aiortc.rtp import RtpPacket

from realtime.server.jitter import SOUNDS, PromptJitterBuffer


def packet(number: int, timestamp: int, *, last: bool = False) -> RtpPacket:
    made = RtpPacket(
        sequence_number=number % 65_536, timestamp=timestamp, marker=int(last), payload_type=96
    )
    vars(made)["_data"] = b"<%d>" % number
    return made


def pictures(first: int, count: int, packets: int = 3) -> list[RtpPacket]:
    """Return the packets of ``count`` pictures, 3 each, the last of each marked."""
    return [
        packet(first + i, 3000 * (i // packets), last=i % packets == packets - 1)
        for i in range(count * packets)
    ]


def feed(buffer: PromptJitterBuffer, packets: Iterable[RtpPacket]) -> list[bytes | None]:
    released = (buffer.add(packet)[1] for packet in packets)
    return [frame and frame.data for frame in released]


@pytest.mark.parametrize("first", [0, 65_533])
def test_a_picture_is_let_go_with_its_last_packet(first: int) -> None:
    numbers = [b"<%d>" % n for n in range(first, first + 6)]
    whole = [None, None, b"".join(numbers[:3]), None, None, b"".join(numbers[3:])]
    assert feed(PromptJitterBuffer(is_video=True), pictures(first, 2)) == whole


def test_packets_that_overtake_each_other_are_put_in_order() -> None:
    a, b, c, *more = pictures(10, 2)
    buffer = PromptJitterBuffer(is_video=True)
    assert feed(buffer, [a, c, b]) == [None, None, b"<10><11><12>"]
    assert feed(buffer, [more[1], more[2], more[0]]) == [None, None, b"<13><14><15>"]


def test_without_a_mark_the_next_picture_tells_the_end() -> None:
    a, b, c, *more = pictures(0, 2)
    c.marker = 0
    buffer = PromptJitterBuffer(is_video=True)
    assert feed(buffer, [a, b, c, *more]) == [None, None, None, b"<0><1><2>", None, b"<3><4><5>"]


def test_a_packet_sent_again_completes_its_picture_and_the_next_follow() -> None:
    a, b, c, *more = pictures(0, 3)
    buffer = PromptJitterBuffer(is_video=True)
    late = feed(buffer, [a, c, *more[:3], b, *more[3:]])
    assert [data for data in late if data] == [b"<0><1><2>", b"<3><4><5>", b"<6><7><8>"]
    assert late[5] == b"<0><1><2>"


def test_a_packet_of_sound_is_let_go_at_once() -> None:
    buffer = PromptJitterBuffer(is_video=False)
    assert feed(buffer, [packet(n, 960 * n) for n in (5, 6, 7)]) == [b"<5>", b"<6>", b"<7>"]


def test_lost_sound_holds_up_the_rest_for_40_ms_at_most() -> None:
    buffer = PromptJitterBuffer(is_video=False)
    heard = feed(buffer, [packet(n, 960 * n) for n in (0, *range(2, 12))])
    silent = next(i for i, data in enumerate(heard[1:]) if data)
    assert silent <= SOUNDS
    after = [data for data in heard[1:] if data]
    assert after == [b"<%d>" % n for n in range(2, 2 + len(after))]

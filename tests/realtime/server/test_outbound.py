from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from realtime.clock import MS, ManualClock, SystemClock
from realtime.picture import from_av
from realtime.server.outbound import HELD, Held, PictureTrack, TrackSink
from realtime.server.reports import Sent
from realtime.server.webrtc import MediaStreamError
from realtime.types import Filtered, Rung
from tests.realtime.server.fakes import block_picture, read_blocks

PICTURE = 33 * MS


def held(number: int) -> Held:
    """Return the picture of that number, captured so many pictures after the start."""
    return Held(block_picture(number), number * PICTURE, number * PICTURE)


async def nothing_comes(track: PictureTrack) -> None:
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(track.recv(), 0.03)


def test_a_picture_is_sent_once_when_it_is_due_and_not_before() -> None:
    async def test() -> None:
        clock = ManualClock()
        track = PictureTrack(clock, lambda: 50 * MS)
        clock.advance(10 * PICTURE)
        track.show(held(10))
        await nothing_comes(track)
        clock.advance(50 * MS)
        assert read_blocks(await track.recv()) == 10
        assert track.last == Sent(10 * PICTURE, clock.now())
        await nothing_comes(track)
        assert track.dropped == 0

    asyncio.run(test())


def test_pictures_that_wait_are_sent_one_by_one_at_the_cameras_pace() -> None:
    async def test() -> None:
        clock = ManualClock()
        track = PictureTrack(clock, lambda: 200 * MS)
        for number in range(1, 6):
            track.show(held(number))
        clock.advance(PICTURE + 200 * MS)
        sent: list[int] = []
        for _ in range(5):
            sent.append(read_blocks(await track.recv()))
            clock.advance(PICTURE)
        assert sent == [1, 2, 3, 4, 5]
        assert track.dropped == 0

    asyncio.run(test())


def test_a_late_picture_is_sent_at_once_and_gives_way_to_a_newer_one_that_is_due() -> None:
    async def test() -> None:
        clock = ManualClock()
        track = PictureTrack(clock, lambda: 0)
        clock.advance(10 * PICTURE)
        track.show(held(2))
        assert read_blocks(await track.recv()) == 2
        for number in (3, 4, 5, 11):
            track.show(held(number))
        assert read_blocks(await track.recv()) == 5
        assert track.dropped == 2
        clock.advance(PICTURE)
        assert read_blocks(await track.recv()) == 11
        for number in (12, 13):
            track.show(held(number))
        clock.advance(2 * PICTURE)
        both = [read_blocks(await track.recv()) for _ in range(2)]
        assert both == [12, 13], "one that is late for once is still sent"
        assert track.dropped == 2

    asyncio.run(test())


def test_waiting_ends_by_itself_when_the_time_comes() -> None:
    async def test() -> None:
        clock = SystemClock()
        track = PictureTrack(clock, lambda: 80 * MS)
        now = clock.now()
        track.show(Held(block_picture(1), now, now))
        await asyncio.wait_for(track.recv(), 5)
        assert clock.now() - now >= 80 * MS

    asyncio.run(test())


def test_nothing_is_sent_before_the_sound_is_there_and_then_the_newest() -> None:
    async def test() -> None:
        clock = ManualClock()
        start = [False]
        track = PictureTrack(clock, lambda: 0, lambda: start[0])
        clock.advance(10 * PICTURE)
        for number in (1, 2, 3):
            track.show(held(number))
        await nothing_comes(track)
        start[0] = True
        assert read_blocks(await track.recv()) == 3

    asyncio.run(test())


def test_time_never_stands_still_or_runs_back() -> None:
    async def test() -> None:
        clock = ManualClock()
        clock.advance(10 * PICTURE)
        track = PictureTrack(clock, lambda: 0)
        for number in (5, 5, 4):
            track.show(held(number))
        assert read_blocks(await track.recv()) == 5
        assert track.dropped == 2
        track.show(held(6))
        assert read_blocks(await track.recv()) == 6

    asyncio.run(test())


def test_stamps_go_with_the_delay_so_that_a_browser_does_not_hold_what_now_comes_sooner() -> None:
    async def test() -> None:
        clock = ManualClock()
        delay = [200 * MS]
        track = PictureTrack(clock, lambda: delay[0])
        stamps: list[int] = []
        released: list[int] = []
        for number in range(1, 10):
            delay[0] = 190 * MS if number > 5 else 200 * MS
            captured = number * 100 * MS // 3
            track.show(Held(block_picture(number), captured, captured))
            clock.advance(captured + delay[0] - clock.now())
            stamps.append((await track.recv()).pts or 0)
            released.append(clock.now())
        assert [b - a for a, b in pairwise(stamps)] == [3000] * 4 + [2100] + [3000] * 3
        late = [at * 90 // MS - stamp for at, stamp in zip(released, stamps, strict=True)]
        assert max(late) - min(late) <= 3, "each arrives as late after its stamp as the others"

    asyncio.run(test())


def test_pictures_that_nobody_fetches_are_capped_and_counted() -> None:
    track = PictureTrack(ManualClock(), lambda: 10**12)
    for number in range(1, HELD + 6):
        track.show(held(number))
    assert track.dropped == 5


def test_stopping_frees_whoever_waits() -> None:
    async def test() -> None:
        track = PictureTrack(ManualClock(), lambda: 0)
        waiting = asyncio.create_task(track.recv())
        await asyncio.sleep(0)
        track.stop()
        with pytest.raises(MediaStreamError):
            await asyncio.wait_for(waiting, 1)
        with pytest.raises(MediaStreamError):
            await track.recv()

    asyncio.run(test())


def test_a_repeated_picture_is_as_old_as_what_it_shows() -> None:
    async def test() -> None:
        clock = ManualClock()
        clock.advance(10 * PICTURE)
        shown: list[Held] = []
        track = PictureTrack(clock, lambda: 0, on_sent=shown.append)
        noted: list[Filtered] = []
        sink = TrackSink(asyncio.get_running_loop(), track, noted.append)
        first = Filtered(from_av(block_picture(1), captured=100, seq=0), Rung.GEOMETRIC)
        again = replace(first.frame, captured=200, pts=first.frame.pts + 3000)
        await asyncio.to_thread(sink.send, first)
        await track.recv()
        await asyncio.to_thread(sink.send, replace(first, frame=again, rung=Rung.REPEAT))
        await track.recv()
        assert [(held.captured, held.filmed) for held in shown] == [(100, 100), (200, 100)]
        assert [filtered.rung for filtered in noted] == [Rung.GEOMETRIC, Rung.REPEAT]

    asyncio.run(test())

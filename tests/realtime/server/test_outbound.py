from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from realtime.picture import from_av
from realtime.server.outbound import PictureTrack, TrackSink
from realtime.server.webrtc import MediaStreamError
from realtime.types import Filtered, Rung
from tests.realtime.server.fakes import block_picture, read_blocks


def test_the_newest_picture_is_sent_once_and_older_ones_are_counted() -> None:
    async def test() -> None:
        sent: list[int] = []
        track = PictureTrack(sent.append)
        for number in (1, 2, 3):
            track.show(block_picture(number), captured=number)
        assert read_blocks(await track.recv()) == 3
        assert (sent, track.dropped) == ([3], 2)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(track.recv(), 0.05)

    asyncio.run(test())


def test_time_never_stands_still_or_runs_back() -> None:
    async def test() -> None:
        track = PictureTrack(lambda _: None)
        for number in (5, 5, 4):
            track.show(block_picture(number), 0)
        assert read_blocks(await track.recv()) == 5
        assert track.dropped == 2
        track.show(block_picture(6), 0)
        assert read_blocks(await track.recv()) == 6

    asyncio.run(test())


def test_stopping_frees_whoever_waits() -> None:
    async def test() -> None:
        track = PictureTrack(lambda _: None)
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
        sent: list[int] = []
        track = PictureTrack(sent.append)
        noted: list[Filtered] = []
        sink = TrackSink(asyncio.get_running_loop(), track, noted.append)
        first = Filtered(from_av(block_picture(1), captured=100, seq=0), Rung.GEOMETRIC)
        again = replace(first.frame, captured=200, pts=first.frame.pts + 3000)
        await asyncio.to_thread(sink.send, first)
        await track.recv()
        await asyncio.to_thread(sink.send, replace(first, frame=again, rung=Rung.REPEAT))
        await track.recv()
        assert sent == [100, 100]
        assert [filtered.rung for filtered in noted] == [Rung.GEOMETRIC, Rung.REPEAT]

    asyncio.run(test())

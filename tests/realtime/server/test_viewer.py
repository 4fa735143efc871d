"""A player that watches a call keeps picture and sound together by what it is told alone."""

from __future__ import annotations

import asyncio
import re
import time
from statistics import median

from realtime.clock import MS, SystemClock
from realtime.server.peer import Peer
from realtime.server.playout import USUAL_LEAD
from realtime.server.timing import NTP_EPOCH
from realtime.server.viewer import Viewer
from realtime.server.webrtc import hasten
from tests.realtime.server.fakes import Browser, FakeFilter, read_blocks, until

STALL = 0.05
"""Seconds that the filter takes for each picture, on top of all else."""
WRAP = 1 << 32


def behind(stamp: int, first: int, pts: int) -> int:
    """Return by how many units what was played at ``pts`` lies before ``stamp``."""
    return (stamp - first - pts + WRAP // 2) % WRAP - WRAP // 2


def test_both_come_in_one_stream_and_their_reports_tell_when_each_was_captured() -> None:
    async def test() -> None:
        studio, player = Browser(), Browser()
        peer = Peer(lambda: FakeFilter(STALL), SystemClock(), budget=200 * MS)
        viewer = Viewer(peer, (), SystemClock())
        heard: dict[str, tuple[int, int, int]] = {}

        def hear(kind: str, first: int | None, stamp: int, at: int) -> None:
            if first is not None:
                heard[kind] = first, stamp, at

        for transceiver in player.connection.getTransceivers():
            transceiver.direction = "recvonly"
        try:
            await studio.accept(await peer.answer(await studio.offer()))
            answer = await viewer.answer(await player.offer())
            assert len(set(re.findall(r"a=msid:(\S+)", answer))) == 1, "a stream keeps in step"
            hasten(player.connection, hear, SystemClock())
            await player.accept(answer)
            await until(lambda: len(heard) == 2, 20)
            seen, sounds = player.seen[-15:], player.heard[-25:]

            def age(kind: str, rate: int, pts: int | None, then: float) -> float:
                """Return how long before ``then`` that was captured, by the report."""
                first, stamp, at = heard[kind]
                captured = (at - NTP_EPOCH) / 1e9 - behind(stamp, first, pts or 0) / rate
                return then + time.time() - time.monotonic() - captured

            wrong = [
                age("video", 90_000, picture.pts, studio.camera.taken[read_blocks(picture)])
                for _, picture in seen
            ]
            assert abs(median(wrong)) < 0.04, "reports of the moment of sending are off by more"
            pictures = [age("video", 90_000, picture.pts, at) for at, picture in seen]
            held = [age("audio", 48_000, sound.pts, at) for at, sound in sounds]
            # Sound leaves sooner, for browsers hold it longer; by the reports a player knows.
            sooner = (median(pictures) - median(held)) * 1000 * MS
            assert abs(sooner - USUAL_LEAD) < 25 * MS
        finally:
            await studio.close()
            await player.close()
            await viewer.close()
            await peer.close()

    asyncio.run(asyncio.wait_for(test(), 40))

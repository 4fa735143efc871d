"""A whole call over real sockets, with aiortc in the browser's place and a filter that is cheap."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from realtime.clock import MS, SystemClock
from realtime.filter import EmotionFilter
from realtime.server.jitter import PromptJitterBuffer
from realtime.server.peer import OfferError, Peer
from realtime.server.repair import JITTER_BUFFER
from realtime.server.reports import listen
from realtime.server.timing import NTP_EPOCH
from realtime.server.webrtc import RTCPeerConnection
from realtime.types import Edit, Emotion, Frame, Landmarks, Rung
from tests.realtime.server.fakes import (
    EDITED,
    PLAIN,
    Browser,
    FakeFilter,
    read_blocks,
    redness,
    threads,
    until,
)


@asynccontextmanager
async def call(
    browser: Browser, take_filter: Callable[[], EmotionFilter] = FakeFilter
) -> AsyncGenerator[Peer, None]:
    peer = Peer(take_filter, SystemClock(), budget=80 * MS)
    try:
        await browser.accept(await peer.answer(await browser.offer()))
        yield peer
    finally:
        await browser.close()
        await peer.close()


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(test(), 40)

    asyncio.run(bounded())


def test_pictures_come_back_in_order_at_the_rate_they_went_in() -> None:
    async def test() -> None:
        browser = Browser(fps=30)
        async with call(browser):
            await until(lambda: len(browser.seen) >= 75)
        numbers = [read_blocks(picture) for _, picture in browser.seen]
        assert all(b >= a for a, b in pairwise(numbers))
        # None is lost on a machine with nothing else to do; here a busy one may lose a few.
        assert len(set(numbers[10:])) >= 0.8 * (numbers[-1] - numbers[10])
        (first, _), (last, _) = browser.seen[10], browser.seen[-1]
        assert (len(browser.seen) - 11) / (last - first) == pytest.approx(30, rel=0.25)

    run(test)


def test_an_offer_that_nobody_follows_up_takes_no_filter() -> None:
    async def test() -> None:
        taken: list[FakeFilter] = []

        def take() -> FakeFilter:
            taken.append(FakeFilter())
            return taken[-1]

        silent, real = Browser(), Browser()
        peer = Peer(take, SystemClock(), budget=80 * MS)
        await peer.answer(await silent.offer())
        async with call(real, take):
            await until(lambda: real.seen)
            assert len(taken) == 1, "that of the call which is there"
        await peer.close()
        await silent.close()
        assert not threads()

    run(test)


def test_time_stamps_keep_the_cameras_spacing() -> None:
    async def test() -> None:
        browser = Browser(fps=30)
        async with call(browser):
            await until(lambda: len(browser.seen) >= 60)
        stamps: dict[int, int] = {}
        for _, picture in browser.seen[30:]:
            # A late one is the last picture again, with a stamp of its own.
            stamps.setdefault(read_blocks(picture), picture.pts or 0)
        spacing = [
            (later_pts - pts) / (later - number)
            for (number, pts), (later, later_pts) in pairwise(stamps.items())
        ]
        # The delay that they are released with shrinks by 5 ms a second.
        assert np.median(spacing) == pytest.approx(3000, abs=50)
        assert min(spacing) > 0

    run(test)


def test_a_receiver_learns_when_pictures_were_taken_however_late_the_filter_is() -> None:
    """By our sender reports; aiortc's own would say when they were sent."""

    async def test() -> None:
        browser = Browser(fps=30)
        reports: list[tuple[str, int, int]] = []

        def note(kind: str, stamp: int, ntp: int) -> None:
            reports.append((kind, stamp, ntp))

        for transceiver in browser.connection.getTransceivers():
            listen(transceiver.receiver, partial(note, transceiver.kind))
        async with call(browser, lambda: Slow(0.15)) as peer:
            await until(lambda: len({kind for kind, *_ in reports}) == 2 and len(reports) > 4)
            first = {
                t.kind: vars(t.receiver)["_RTCRtpReceiver__timestamp_mapper"]._origin
                for t in browser.connection.getTransceivers()
            }
            seen, heard = browser.seen[-8:], browser.heard[-8:]
            peer.played(
                [(first["video"] + (picture.pts or 0), at * 1000) for at, picture in seen],
                [(first["audio"] + (block.pts or 0), at * 1000) for at, block in heard],
            )
            told = peer.telemetry()
        _, stamp, ntp = [report for report in reports if report[0] == "video"][-1]
        wall = time.time() - time.monotonic() + NTP_EPOCH / 1e9
        for at, picture in seen:
            behind = (stamp - first["video"] - (picture.pts or 0)) / 90_000
            taken = browser.camera.taken[read_blocks(picture)]
            assert at - taken > 0.15
            # A picture that the filter repeats has a later one's place.
            assert ntp / 1e9 - behind - wall - taken == pytest.approx(0.03, abs=0.07)
        assert told.av_offset is not None
        assert told.playout_delay is not None
        assert told.playout_delay > 150 * MS

    run(test)


def test_an_edit_made_during_the_call_shows_in_the_returned_picture() -> None:
    async def test() -> None:
        browser = Browser()
        async with call(browser) as peer:
            await until(lambda: browser.seen)
            assert redness(browser.seen[-1][1]) == pytest.approx(PLAIN, abs=6)
            peer.edit = Edit(Emotion.HAPPY)
            await until(lambda: redness(browser.seen[-1][1]) > EDITED - 10)
            peer.edit = Edit()
            await until(lambda: redness(browser.seen[-1][1]) < PLAIN + 10)

    run(test)


def test_an_edit_chosen_while_the_filter_warms_up_is_in_the_first_picture() -> None:
    async def test() -> None:
        def slow() -> EmotionFilter:
            release.wait(5)
            return FakeFilter()

        release = threading.Event()
        browser = Browser()
        async with call(browser, slow) as peer:
            peer.edit = Edit(Emotion.HAPPY)
            release.set()
            await until(lambda: browser.seen)
            assert redness(browser.seen[0][1]) > EDITED - 10

    run(test)


def test_sound_comes_back_steadily() -> None:
    async def test() -> None:
        browser = Browser()
        async with call(browser) as peer:
            await until(lambda: len(browser.heard) >= 100)
            telemetry = peer.telemetry()
        tail = np.concatenate([h.to_ndarray()[0, ::2] for _, h in browser.heard[-50:]])
        spectrum = np.abs(np.fft.rfft(tail.astype(float) * np.hanning(len(tail))))
        assert np.argmax(spectrum) * 48_000 / len(tail) == pytest.approx(440, abs=3)
        assert np.sqrt(np.mean(tail.astype(float) ** 2)) > 2500, "half of it is silence"
        gaps = np.diff([at for at, _ in browser.heard[20:]])
        assert np.quantile(gaps, 0.9) < 0.055
        assert telemetry.lost_sound < 10

    run(test)


def test_what_comes_is_let_through_at_once_and_sound_and_picture_do_not_wait_for_each_other() -> (
    None
):
    """By what aiortc is told, since a wait of 60 ms more cannot be told from a busy machine."""

    async def test() -> None:
        async def offered(browser: Browser) -> tuple[str, set[str]]:
            peer = Peer(FakeFilter, SystemClock(), budget=80 * MS)
            answer = await peer.answer(await browser.offer())
            connection: RTCPeerConnection = vars(peer)["_connection"]
            held = {str(vars(t.receiver)[JITTER_BUFFER]) for t in connection.getTransceivers()}
            await peer.close()
            await browser.close()
            return answer, held

        answer, held = await offered(Browser())
        assert len(held) == 2
        assert all(PromptJitterBuffer.__name__ in buffer for buffer in held)
        streams = re.findall(r"a=msid:(\S+) ", answer)
        assert len(streams) == len(set(streams)) == 2

    run(test)


def test_a_slow_filter_drops_pictures_and_their_age_stays_flat() -> None:
    """Each picture costs 60 ms, so every other one goes; read one by one they would queue up."""

    async def test() -> None:
        browser = Browser(fps=30)
        async with call(browser, lambda: Slow(0.06)) as peer:
            await until(lambda: len(browser.camera.taken) >= 120)
            ages = [at - browser.camera.taken[read_blocks(p)] for at, p in browser.seen]
            telemetry = peer.telemetry()
        late = np.median(ages[-15:])
        assert late < 1, "half of 120 pictures wait for 30 ms; that is 2 s when none is dropped"
        assert telemetry.dropped > 30
        gaps = np.diff([at for at, _ in browser.heard[20:]])
        assert np.quantile(gaps, 0.9) < 0.055, "the slow filter held up the sound"

    run(test)


class Slow(FakeFilter):
    """Takes its time in a way that the ladder cannot avoid."""

    def __call__(self, frame: Frame, edit: Edit, deadline: object) -> object:  # type: ignore[override]
        time.sleep(self._stall)
        return super().__call__(frame, edit, deadline)  # type: ignore[arg-type]


def test_telemetry_tells_rates_ages_stages_and_rung() -> None:
    async def test() -> None:
        browser = Browser()
        async with call(browser) as peer:
            assert peer.telemetry().age is None
            await until(lambda: len(browser.seen) >= 70)
            told = peer.telemetry()
        assert told.fps_in == pytest.approx(30, abs=8)
        assert told.fps_out == pytest.approx(30, abs=8)
        assert told.age is not None
        assert 0 < told.age.p50 < 100 * MS
        assert set(told.stages) == {"locate", "animate", "render"}
        assert told.rung is Rung.GEOMETRIC
        assert told.as_message()["rung"] == "geometric"

    run(test)


def test_a_call_without_a_microphone_works() -> None:
    async def test() -> None:
        browser = Browser(sound=False)
        async with call(browser):
            await until(lambda: len(browser.seen) >= 5)
        assert not browser.heard

    run(test)


@pytest.mark.parametrize("who", ["browser", "server"])
def test_nothing_is_left_after_a_call(who: str) -> None:
    async def test() -> None:
        before = asyncio.all_tasks()
        built: list[FakeFilter] = []

        def build() -> EmotionFilter:
            built.append(FakeFilter())
            return built[-1]

        browser = Browser()
        peer = Peer(build, SystemClock(), budget=80 * MS)
        await browser.accept(await peer.answer(await browser.offer()))
        await until(lambda: len(browser.seen) >= 5)
        assert "filter" in threads()
        if who == "browser":
            await browser.close()
            assert await asyncio.wait_for(peer.ended, 5) == ""
        await peer.close()
        await peer.close()
        await browser.close()
        await until(lambda: not threads())
        await until(lambda: asyncio.all_tasks() <= before)
        assert [f.render.closed for f in built] == [1]

    run(test)


def test_a_filter_that_fails_ends_the_call_with_a_sentence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(FakeFilter):
        def _locate(self, frame: Frame) -> tuple[Landmarks, ...]:
            raise RuntimeError("lens fell off")

    async def test() -> None:
        browser = Browser()
        async with call(browser, Broken) as peer:
            reason = await asyncio.wait_for(peer.ended, 10)
        assert reason.startswith("The filter stopped")
        assert not threads()

    run(test)
    assert "lens fell off" in caplog.text


@pytest.mark.parametrize(
    "sdp", ["", "v=0", "nonsense\r\n" * 5, "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"]
)
def test_a_broken_offer_is_refused_and_leaves_nothing(sdp: str) -> None:
    async def test() -> None:
        before = asyncio.all_tasks()
        peer = Peer(FakeFilter, SystemClock(), budget=80 * MS)
        with pytest.raises(OfferError):
            await peer.answer(sdp)
        await peer.close()
        await until(lambda: asyncio.all_tasks() <= before)
        assert not threads()

    run(test)

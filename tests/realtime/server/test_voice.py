"""A call whose face follows the voice: from a browser's microphone to its returned picture."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from realtime.bounds import Bounds
from realtime.clock import MS, SystemClock
from realtime.server.peer import Peer
from realtime.types import Emotion
from realtime.voice.follow import Follow, Guide
from realtime.voice.share import SharedVoice
from tests.realtime.server.fakes import EDITED, PLAIN, Browser, FakeFilter, redness, until
from tests.realtime.voice.voices import PitchEstimator


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(test(), 40)

    asyncio.run(bounded())


def red(browser: Browser) -> bool:
    return bool(browser.seen) and redness(browser.seen[-1][1]) > (PLAIN + EDITED) / 2


def in_call(test: Callable[[Peer, Browser], Awaitable[None]], *, sound: bool = True) -> None:
    async def within() -> None:
        shared = SharedVoice(PitchEstimator)
        peer = Peer(FakeFilter, SystemClock(), budget=80 * MS, open_voice=shared.take)
        browser = Browser(sound=sound)  # its microphone gives a steady tone, above all: happy
        try:
            await browser.accept(await peer.answer(await browser.offer()))
            await test(peer, browser)
        finally:
            await browser.close()
            await peer.close()
            shared.close()

    run(within)


def test_the_returned_picture_follows_the_microphone_and_its_bounds() -> None:
    async def test(peer: Peer, browser: Browser) -> None:
        await until(lambda: browser.seen and browser.heard)
        assert peer.telemetry().voice is None, "nobody listens"
        peer.guide = Guide(Follow(follow="voice"))
        await until(lambda: red(browser), within=20)
        heard = peer.telemetry().voice
        assert heard is not None
        assert (heard["hears"], heard["emotion"], heard["shows"]) == ("heard", "happy", "happy")
        peer.guide = Guide(Follow(follow="voice"), Bounds(forbidden=(Emotion.HAPPY,)))
        await until(lambda: not red(browser))
        peer.guide = Guide(Follow(follow="voice"))
        await until(lambda: red(browser))
        peer.panic()
        await until(lambda: not red(browser))

    in_call(test)


def test_a_call_without_sound_says_so() -> None:
    async def test(peer: Peer, browser: Browser) -> None:
        peer.guide = Guide(Follow(calm=True))

        def hears() -> object:
            told = peer.telemetry().voice
            return told and told["hears"]

        await until(lambda: hears() == "no microphone")
        assert not red(browser)

    in_call(test, sound=False)

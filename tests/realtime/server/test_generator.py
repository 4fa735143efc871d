"""A call with a generator: each picture comes to it with the sound about it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np

from engines.wav2lip_emotion.live import LOOK_AHEAD_MS, silence
from realtime.clock import MS, Deadline, SystemClock
from realtime.server.peer import Peer
from realtime.types import Edit, Emotion, Filtered, Floats, Frame, Show
from realtime.voice.speech import LiveSpeech
from tests.realtime.server.fakes import Browser, FakeFilter, until

HAPPY = Edit(Emotion.HAPPY)
SILENCE = silence()


class Listener(FakeFilter):
    """Notes what comes with each picture, and how old it is then."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = SystemClock()
        self.heard: list[tuple[Floats | None, int]] = []

    def __call__(self, frame: Frame, edit: Edit, deadline: Deadline) -> Filtered | None:
        self.heard.append((frame.speech, self.clock.now() - frame.captured))
        return super().__call__(frame, edit, deadline)


def in_call(test: Callable[[Peer, Listener], Awaitable[None]], *, sound: bool) -> None:
    async def within() -> None:
        listener, clock = Listener(), SystemClock()
        peer = Peer(lambda: listener, clock, budget=120 * MS)
        peer.listen(LiveSpeech(clock, 120 * MS))
        browser = Browser(sound=sound)
        try:
            await browser.accept(await peer.answer(await browser.offer()))
            await until(lambda: len(listener.heard) > 10)
            await test(peer, listener)
        finally:
            await browser.close()
            await peer.close()

    async def bounded() -> None:
        await asyncio.wait_for(within(), 40)

    asyncio.run(bounded())


def hears(listener: Listener) -> bool:
    """Tell whether there is a tone in all of the sound about the last picture."""
    speech = listener.heard[-1][0]
    return speech is not None and bool((speech.max(axis=0) > 0).all())


def is_silent(listener: Listener) -> bool:
    speech = listener.heard[-1][0]
    return speech is not None and np.array_equal(speech, SILENCE)


def test_with_an_edit_a_picture_waits_for_its_sound_and_has_it() -> None:
    async def test(peer: Peer, listener: Listener) -> None:
        assert is_silent(listener)
        peer.edit = HAPPY
        await until(lambda: hears(listener))
        seen = len(listener.heard)
        await until(lambda: len(listener.heard) > seen + 15)
        ages = sorted(age for _, age in listener.heard[-15:])
        # A block of sound is stamped as it arrives, and reaches 20 ms beyond that.
        assert ages[len(ages) // 2] >= (LOOK_AHEAD_MS - 20) * MS
        peer.show = Show(frozen=True)
        await until(lambda: listener.heard[-1][0] is None)  # nobody sees what it would make

    in_call(test, sound=True)


def test_without_a_microphone_it_hears_silence() -> None:
    async def test(peer: Peer, listener: Listener) -> None:
        peer.edit = HAPPY
        seen = len(listener.heard)
        await until(lambda: len(listener.heard) > seen + 10)
        assert is_silent(listener)

    in_call(test, sound=False)

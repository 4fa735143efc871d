from __future__ import annotations

import asyncio
from fractions import Fraction

import av
import numpy as np
import pytest

from realtime.clock import MS, ManualClock, SystemClock
from realtime.server.capture import CaptureClock
from realtime.server.inbound import Stamps
from realtime.server.playout import Playout
from realtime.server.sound import BLOCK, STEP, Beat, Sounds, SoundTrack
from realtime.server.webrtc import MediaStreamError
from realtime.sync import Start

RATE = 48_000


def sound(
    samples: int, rate: int = RATE, layout: str = "stereo", pts: int | None = None
) -> av.AudioFrame:
    channels = 1 if layout == "mono" else 2
    frame = av.AudioFrame.from_ndarray(
        np.full((1, samples * channels), 8000, np.int16), "s16", layout
    )
    frame.sample_rate, frame.pts, frame.time_base = rate, pts, Fraction(1, rate)
    return frame


def sounds(clock: ManualClock | SystemClock) -> Sounds:
    return Sounds(Stamps("audio", CaptureClock(), clock))


@pytest.mark.parametrize(
    ("samples", "rate", "layout"),
    [(960, RATE, "stereo"), (480, RATE, "stereo"), (2880, RATE, "mono"), (160, 8000, "mono")],
)
def test_any_sound_is_put_on_tape_as_loud_as_it_was(samples: int, rate: int, layout: str) -> None:
    clock = ManualClock()
    taken = sounds(clock)
    for number in range(20):
        clock.advance(samples * 1000 * MS // rate)
        taken.take(sound(samples, rate, layout, number * samples))
    assert taken.tape.end == pytest.approx(20 * samples * RATE / rate, abs=100)
    middle = taken.tape.read(taken.tape.end / 2, 100)
    assert middle is not None
    assert np.abs(middle - 8000 / 32_768).max() < 0.03


def test_sound_that_got_lost_on_the_way_is_silence_and_what_follows_keeps_its_time() -> None:
    clock = ManualClock()
    taken = sounds(clock)
    for number in range(100):
        clock.advance(STEP)
        if number % 10:
            taken.take(sound(960, pts=number * 960))
    assert taken.missing == 9 * 960
    first = taken.tape.position_at(20 * STEP)
    last = taken.tape.position_at(99 * STEP)
    assert first is not None
    assert last is not None
    assert last - first == pytest.approx(79 * 960, abs=48)


def test_beats_are_20_ms_apart() -> None:
    beat = Beat()
    assert beat.next(1000) == (0, 0)
    assert beat.next(1000) == (1, STEP)
    assert beat.next(1000 + STEP + 5 * MS) == (2, STEP - 5 * MS)
    assert beat.due == 1000 + 2 * STEP


def test_a_beat_that_is_a_little_late_is_caught_up_and_a_stall_is_left_out() -> None:
    beat = Beat()
    beat.next(0)
    assert beat.next(50 * MS) == (1, 0)
    assert beat.next(50 * MS) == (2, 0)
    assert beat.next(50 * MS) == (3, 10 * MS)
    number, wait = beat.next(1000 * MS)
    assert number == 50, "the number goes with the time, so that sound and clock stay together"
    assert wait == 0


class Studio:
    """A microphone whose samples tell when they were captured, and the track that returns them."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.playout = Playout()
        self.start = Start(("audio",), 0)
        self.sounds = sounds(self.clock)
        self.track = SoundTrack(self.clock, self.sounds.tape, self.playout, self.start)
        self._number = 0
        self.cut = False
        self.late = False

    def pass_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let sleeping move the clock, and the microphone give what was captured meanwhile."""

        async def sleep(seconds: float) -> None:
            for _ in range(max(1, round(seconds * 1000))):
                self.clock.advance(MS)
                self._hear()

        monkeypatch.setattr("asyncio.sleep", sleep)

    def _hear(self) -> None:
        while not self.late and (self._number + 1) * STEP <= self.clock.now():
            at = np.arange(self._number * BLOCK, (self._number + 1) * BLOCK)
            # A slow rise and fall, by which a sample's place can be told to a tenth of a block.
            wave = (12_000 * np.sin(2 * np.pi * at / RATE)).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(wave[None, :], "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, at[0], Fraction(1, RATE)
            self._number += 1
            if not self.cut:
                self.start.came("audio", self.clock.now())
                self.sounds.take(frame)

    async def listen(self, seconds: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        blocks = [await self.track.recv() for _ in range(round(seconds * 50))]
        return np.concatenate([b.to_ndarray()[0] for b in blocks]) / 12_000.0


def test_what_is_sent_was_captured_the_delay_before(monkeypatch: pytest.MonkeyPatch) -> None:
    studio = Studio()
    studio.pass_time(monkeypatch)
    for i in range(100):
        studio.playout.picture_took(200 * MS, i * 33 * MS)

    async def test() -> None:
        await studio.listen(3)
        heard = (await studio.listen(1))[-BLOCK:]
        captured = studio.track.last.captured
        assert studio.track.last.released - captured == pytest.approx(
            studio.playout.sound, abs=2 * MS
        )
        # The wave is what it was 20 ms before the first stamp: stamps count from arrival here.
        expected = np.sin(2 * np.pi * (captured / 1e9 - 0.02 + np.arange(BLOCK) / RATE))
        assert np.abs(heard - expected).max() < 0.03

    asyncio.run(test())


def test_a_delay_that_grows_and_shrinks_is_followed_without_a_click(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    studio = Studio()
    studio.pass_time(monkeypatch)

    async def test() -> None:
        heard = [await studio.listen(2)]
        before = studio.playout.sound
        for i in range(100):
            studio.playout.picture_took(250 * MS, studio.clock.now() + i)
        assert studio.playout.sound > before + 100 * MS
        heard.append(await studio.listen(2))
        studio.playout = studio.track._playout = Playout()  # pyright: ignore[reportPrivateUsage]
        heard.append(await studio.listen(2))
        steps = np.abs(np.diff(np.concatenate(heard)))
        # A block's fade is the steepest that may be; a cut would be a step of up to 1.
        assert steps.max() < 5 / BLOCK
        assert studio.track.follower.waits == 1
        assert studio.track.follower.skipped > 0, "what is left out is counted"

    asyncio.run(test())


def test_a_second_without_a_packet_holds_nothing_up_for_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    studio = Studio()
    studio.pass_time(monkeypatch)

    async def test() -> None:
        await studio.listen(6)
        before = studio.playout.sound
        studio.cut = True
        await studio.listen(1)
        studio.cut = False
        assert (await studio.listen(1))[-BLOCK:].any()
        assert studio.playout.sound < before + 30 * MS

    asyncio.run(test())


def test_sound_that_stumbles_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    studio = Studio()
    studio.pass_time(monkeypatch)

    async def test() -> None:
        await studio.listen(3)
        before = studio.playout.sound
        for _ in range(20):
            studio.late = True  # what was captured meanwhile comes at once
            await studio.listen(0.1)
            studio.late = False
            await studio.listen(0.1)
        assert studio.playout.sound > before + 50 * MS

    asyncio.run(test())


def test_the_track_sends_sound_at_the_right_pace_and_ends() -> None:
    async def test() -> None:
        clock = SystemClock()
        playout, taken, start = Playout(), sounds(clock), Start(("audio",), 0)
        track = SoundTrack(clock, taken.tape, playout, start)
        waiting = asyncio.create_task(track.recv())
        await asyncio.sleep(0.03)
        assert not waiting.done(), "nothing has come that it could be in step with"
        start.came("audio", clock.now())
        begun = clock.now()
        blocks = [await waiting, *[await track.recv() for _ in range(5)]]
        assert clock.now() - begun >= 5 * STEP
        assert [block.pts for block in blocks] == [i * BLOCK for i in range(6)]
        assert not any(block.to_ndarray().any() for block in blocks), "silence while there is none"
        track.stop()
        with pytest.raises(MediaStreamError):
            await track.recv()

    asyncio.run(test())

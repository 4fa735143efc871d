from __future__ import annotations

import asyncio
from fractions import Fraction

import av
import numpy as np
import pytest

from realtime.clock import MS, ManualClock, SystemClock
from realtime.server.sound import (
    BLOCK,
    BYTES,
    HEAD_START,
    LIMIT,
    STEP,
    Beat,
    Sounds,
    SoundTrack,
    delay_for,
)
from realtime.server.webrtc import MediaStreamError


def sound(samples: int, rate: int = 48_000, layout: str = "stereo") -> av.AudioFrame:
    channels = 1 if layout == "mono" else 2
    frame = av.AudioFrame.from_ndarray(
        np.full((1, samples * channels), 1000, np.int16), "s16", layout
    )
    frame.sample_rate, frame.pts, frame.time_base = rate, None, Fraction(1, rate)
    return frame


@pytest.mark.parametrize(
    ("frame", "count"),
    [
        (sound(960), 10),
        (sound(480), 20),
        (sound(2880), 4),
        (sound(160, rate=8000, layout="mono"), 12),
    ],
)
def test_any_sound_becomes_blocks_of_20_ms(frame: av.AudioFrame, count: int) -> None:
    sounds = Sounds(ManualClock())
    for _ in range(count):
        sounds.take(frame)
    blocks = [sounds.playout.take(10**12, 10**12) for _ in range(len(sounds.playout))]
    assert len(blocks) >= 9
    assert {len(block or b"") for block in blocks} == {BYTES}
    middle = np.frombuffer(blocks[4] or b"", np.int16)
    assert np.abs(middle - 1000).max() < 300, "one channel in two keeps the power, not the level"


def test_sound_that_nobody_plays_is_capped_and_counted() -> None:
    sounds = Sounds(ManualClock())
    for _ in range(LIMIT + 7):
        sounds.take(sound(960))
    assert len(sounds.playout) == LIMIT
    assert sounds.playout.overflowed == 7


def test_sound_waits_only_for_what_the_picture_takes_longer() -> None:
    assert delay_for(15 * MS) == 0
    assert delay_for(HEAD_START + 30 * MS) == 30 * MS


def test_beats_are_20_ms_apart() -> None:
    beat = Beat()
    assert beat.next(1000) == (0, 0)
    assert beat.next(1000) == (1, STEP)
    assert beat.next(1000 + STEP + 5 * MS) == (2, STEP - 5 * MS)


def test_a_beat_that_is_a_little_late_is_caught_up_and_a_stall_is_left_out() -> None:
    beat = Beat()
    beat.next(0)
    assert beat.next(50 * MS) == (1, 0)
    assert beat.next(50 * MS) == (2, 0)
    assert beat.next(50 * MS) == (3, 10 * MS)
    number, wait = beat.next(1000 * MS)
    assert number == 50, "the number goes with the time, so that sound and clock stay together"
    assert wait == 0


def test_the_track_sends_sound_then_silence_at_the_right_pace_and_ends() -> None:
    async def test() -> None:
        clock = SystemClock()
        sounds = Sounds(clock)
        for _ in range(3):
            sounds.take(sound(960))
        track = SoundTrack(clock, sounds.playout, lambda: 0)
        start = clock.now()
        blocks = [await track.recv() for _ in range(6)]
        assert clock.now() - start >= 5 * STEP
        levels = [int(np.abs(block.to_ndarray()).max()) for block in blocks]
        assert levels == [1000, 1000, 1000, 0, 0, 0]
        assert [block.pts for block in blocks] == [i * BLOCK for i in range(6)]
        assert sounds.playout.silent == 3
        track.stop()
        with pytest.raises(MediaStreamError):
            await track.recv()

    asyncio.run(test())

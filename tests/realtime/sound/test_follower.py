"""The playing head: on time between two clocks, and what it does when it cannot be."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from realtime.clock import MS, SECOND
from realtime.sound.follower import Follower
from realtime.sound.tape import RATE, Tape
from realtime.types import Floats

BLOCK = 480
STEP = 10 * MS


class Studio:
    """A microphone whose sample n has the value n / 2**20, and a device that plays it.

    Sound is thus its own clock: what is heard says when it was captured.
    """

    def __init__(self, ppm: float = 0.0) -> None:
        self.tape = Tape(30 * RATE)
        self.head = Follower(self.tape)
        self.now = 0
        self._speed = 1 + ppm * 1e-6
        self._written = 0
        self.mute = False

    def play(self, seconds: float, delay_ms: float) -> list[tuple[float, Floats]]:
        """Return (what was due at its start in samples, block) of each block."""
        out: list[tuple[float, Floats]] = []
        for _ in range(round(seconds * SECOND / STEP)):
            due = int(self.now * self._speed * RATE / SECOND) // BLOCK * BLOCK
            while self._written < due:
                at = round(self._written * SECOND / (RATE * self._speed))
                if not self.mute:
                    ramp = (self.tape.end + np.arange(BLOCK)) / 2**20
                    self.tape.write(ramp.astype(np.float32), at)
                self._written += BLOCK
            block = self.head.next(BLOCK, self.now, round(delay_ms * MS))
            wanted = (self.now - delay_ms * MS) * self._speed * RATE / SECOND
            out.append((wanted, block))
            self.now += STEP
        return out


def late_ms(played: list[tuple[float, Floats]]) -> list[float]:
    """Return by how much each block came later than it was due, where it is not silent."""
    return [
        (wanted - float(block[0]) * 2**20) * 1000 / RATE for wanted, block in played if block.any()
    ]


def test_sound_is_heard_the_delay_after_its_capture() -> None:
    studio = Studio()
    studio.play(1, 100)
    played = studio.play(2, 100)
    assert all(block.all() for _, block in played)
    assert max(map(abs, late_ms(played))) < 1
    assert studio.head.slips == studio.head.waits == studio.head.underruns == 0


def test_two_clocks_that_drift_apart_stay_together_without_a_slip() -> None:
    for ppm in (-300, 300):
        studio = Studio(ppm)
        studio.play(2, 100)
        played = studio.play(20, 100)
        assert max(map(abs, late_ms(played))) < 2, "6 ms, were the drift not followed"
        assert studio.head.slips == studio.head.waits == studio.head.underruns == 0
        joins = [abs(float(b[0] - a[-1])) * 2**20 for (_, a), (_, b) in pairwise(played)]
        assert max(joins) < 1.2, "blocks join without a click"


def test_a_delay_that_grows_is_waited_for_and_nothing_is_heard_twice_or_lost() -> None:
    studio = Studio()
    before = studio.play(1, 100)
    after = studio.play(2, 300)
    heard = np.concatenate([block for _, block in (*before, *after)])
    loud = heard[heard > 0] * 2**20
    assert (np.diff(loud[2 * BLOCK : -1]) > -2 * BLOCK).all()
    assert (studio.head.waits, studio.head.slips, studio.head.skipped) == (1, 0, 0)
    settled = late_ms(after[30:])
    assert max(map(abs, settled)) < 15
    assert abs(settled[-1]) < 2
    silent = sum(not block.any() for _, block in after)
    assert 17 <= silent <= 21, "about 200 ms of silence"


def test_a_delay_that_falls_at_once_is_caught_up_with_and_counted() -> None:
    studio = Studio()
    studio.play(1, 300)
    after = studio.play(1, 100)
    assert studio.head.slips == 1
    assert abs(studio.head.skipped - 0.2 * RATE) < 20
    assert max(map(abs, late_ms(after[1:]))) < 2
    assert all(block.any() for _, block in after)


def test_a_delay_that_falls_slowly_is_followed_by_speed_alone() -> None:
    studio = Studio()
    studio.play(1, 200)
    late: list[float] = []
    for i in range(1000):  # 5 ms a second, as the playout delay does
        late += late_ms(studio.play(0.01, 200 - i * 0.05))
    assert max(map(abs, late)) < 5
    assert studio.head.slips == studio.head.waits == studio.head.underruns == 0


def voice(seconds: float) -> Floats:
    """Return a voice of 110 Hz with its overtones, that pauses for breath once a second."""
    t = np.arange(round(seconds * RATE)) / RATE
    waves = sum(np.sin(2 * np.pi * 110 * k * t + k * k) / k for k in range(1, 20))
    breath = np.clip(20 * np.abs(t % 1 - 0.5), 0, 1)
    return np.asarray(0.1 * waves * breath, np.float32)


def spoken(delays: list[float]) -> tuple[Follower, list[float], Floats]:
    """Play a voice 20 ms by 20 ms, each block at its delay; return how far off each one was, ms."""
    tape, off, out = Tape(30 * RATE), list[float](), list[Floats]()
    head, said, size = Follower(tape), voice(len(delays) / 50), RATE // 50
    for i, delay in enumerate(delays):
        tape.write(said[i * size : (i + 1) * size], i * 20 * MS)
        out.append(head.next(size, (i + 1) * 20 * MS, round(delay * MS)))
        off.append(head.error * 1000 / RATE)
    return head, off, np.concatenate(out)


def test_a_delay_that_falls_fast_is_followed_in_a_voice_without_a_hole_or_a_click() -> None:
    falling = [700 - 2 * i for i in range(290)]  # 100 ms a second
    head, off, heard = spoken([700.0] * 100 + falling + [120.0] * 100)
    assert max(map(abs, off[60:])) < 20
    assert max(map(abs, off[-50:])) <= 6
    assert head.slips == head.waits == head.underruns == 0
    assert 0.55 * RATE < head.spliced < 0.7 * RATE
    steepest = np.abs(np.diff(voice(2))).max()
    assert np.abs(np.diff(heard)).max() < 1.5 * steepest


def test_a_delay_that_grows_by_a_little_is_followed_soon_and_without_silence() -> None:
    head, off, heard = spoken([120.0] * 100 + [170.0] * 100)
    assert max(map(abs, off[120:])) <= 6, "0.4 s later"
    assert head.slips == head.waits == head.underruns == 0
    after = heard[100 * RATE // 50 : 110 * RATE // 50]
    assert all(np.abs(part).max() > 0.01 for part in np.array_split(after, 10))
    steepest = np.abs(np.diff(voice(2))).max()
    assert np.abs(np.diff(heard)).max() < 1.5 * steepest


def test_sound_that_is_missing_is_silence_and_comes_back_in_time() -> None:
    studio = Studio()
    studio.play(1, 100)
    studio.mute = True
    gone = studio.play(0.5, 100)
    assert studio.head.underruns > 0
    assert not gone[-1][1].any()
    fade = next(block for _, block in gone if not block.all())
    assert abs(float(fade[-1])) < 1e-3, "it fades, it does not break off"
    studio.mute = False
    back = studio.play(1, 100)
    assert back[-1][1].all()


def test_a_delay_too_short_for_the_devices_is_silence_not_noise() -> None:
    studio = Studio()
    assert not any(block.any() for _, block in studio.play(1, 0))


def test_before_the_microphone_there_is_silence() -> None:
    assert not Follower(Tape()).next(BLOCK, 0, 0).any()

"""``visavis bench voice``: what it costs a call that its face follows the voice.

The beat is that of the sound on its way back: a block is due every 20 ms on an event loop, beside a
thread that listens. ``file`` is any sound or film with speech; without one a buzzing voice is made.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import cycle
from pathlib import Path

import numpy as np

from bench.memory import used
from bench.report import Row, table, write_json
from engines.audio_emotion.estimate import EVERY
from engines.audio_emotion.estimate import RATE as HEARD_RATE
from realtime.build import open_voice
from realtime.clock import SystemClock
from realtime.sources.speech import Speech
from realtime.types import Edit, Floats, Frame
from realtime.voice.ear import LIVE_RATE
from realtime.voice.follow import Follow, Guide
from realtime.voice.hearing import AnyEstimator
from realtime.voice.live import LiveVoice
from realtime.voice.reading import Hears

BLOCK = LIVE_RATE // 50
BEAT = 0.02


def run(argv: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser("visavis bench voice", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="something in which somebody speaks")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each part (default: 20)")
    parser.add_argument("--listeners", type=int, default=1, help="calls that listen at once")
    parser.add_argument("--json", type=Path, metavar="F", help="keep the figures there")
    options = parser.parse_args(argv)
    speech = spoken(options.file)
    before = used(os.getpid())
    start = time.perf_counter_ns()
    estimator = open_voice()
    rows = [Row("load the network", extra={"ms": (time.perf_counter_ns() - start) / 1e6})]
    rows.append(step_row(estimator, speech, options.seconds))
    rows[0] = Row(rows[0].name, extra={**rows[0].extra, "mib": used(os.getpid()) - before})
    for listeners in (0, options.listeners):
        rows += asyncio.run(beat_rows(estimator, speech, listeners, options.seconds))
    estimator.close()
    print(table(rows))
    if options.json is not None:
        write_json(rows, options.json)
    return 0


def spoken(path: Path | None) -> Floats:
    """Return mono speech [n] at 16 kHz."""
    if path is not None:
        parts = list(Speech(path))
        if parts:
            return np.concatenate(parts)
    t = np.arange(8 * HEARD_RATE) / HEARD_RATE
    pitch = 130 + 30 * np.sin(2 * np.pi * 0.6 * t)
    phase = 2 * np.pi * np.cumsum(pitch) / HEARD_RATE
    voice = sum(np.sin(k * phase) / k for k in range(1, 16))
    return (0.2 * voice * np.clip(np.sin(2 * np.pi * 3 * t) + 0.7, 0, 1)).astype(np.float32)


def step_row(estimator: AnyEstimator, speech: Floats, seconds: float) -> Row:
    """Time one step for every tenth of a second of sound, on this thread alone."""
    state, spent, claimed = estimator.begin(), list[int](), 0
    for piece in pieces(speech, EVERY, seconds, HEARD_RATE):
        start = time.perf_counter_ns()
        state, estimate = estimator.step(state, piece)
        spent.append(time.perf_counter_ns() - start)
        claimed += estimate is not None and estimate.emotion is not None
    return Row.of("one step, 100 ms of sound", spent, claimed=claimed)


async def beat_rows(
    estimator: AnyEstimator, speech: Floats, listeners: int, seconds: float
) -> list[Row]:
    """Hold the beat while so many listen: how late blocks are, and what handing over takes."""
    clock = SystemClock()
    voices = [LiveVoice(lambda: estimator, clock) for _ in range(listeners)]
    for voice in voices:
        voice.guide = Guide(Follow(follow="voice"))
    loud = np.repeat(speech, LIVE_RATE // HEARD_RATE)
    late, handed, asked = list[int](), list[int](), list[int]()
    heard = 0
    start = time.perf_counter()
    for number, block in enumerate(pieces(loud, BLOCK, seconds, LIVE_RATE)):
        due = start + number * BEAT
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        late.append(round(max(0.0, time.perf_counter() - due) * 1e9))
        began = time.perf_counter_ns()
        for voice in voices:
            voice.hear(block)
        handed.append(time.perf_counter_ns() - began)
        began = time.perf_counter_ns()
        for voice in voices:
            voice(FRAME, Edit())
            heard += voice.reading is not None and voice.reading.hears is Hears.HEARD
        asked.append(time.perf_counter_ns() - began)
    for voice in voices:
        voice.close()
    name = f"{listeners} listening" if listeners else "nobody listening"
    rows = [Row.of(f"sound's beat late, {name}", late, worst_ms=max(late) / 1e6)]
    if listeners:
        rows.append(Row.of(f"a block handed over, {name}", handed, heard=heard))
        rows.append(Row.of(f"the edit asked for, {name}", asked))
    return rows


FRAME = Frame((np.zeros((2, 2), np.uint8),), "gray", 0, 0, Fraction(1, 30), 0)


def pieces(sound: Floats, size: int, seconds: float, rate: int) -> Iterator[Floats]:
    """Yield ``sound`` in pieces, round and round, for so long."""
    starts = cycle(range(0, len(sound) - size, size))
    for _ in range(round(seconds * rate / size)):
        at = next(starts)
        yield sound[at : at + size]

"""``visavis bench network``: a real browser's call over a network that loses and delays packets.

Headless Chromium calls the server through a relay that does to each packet what a bad network does:
first nothing, then ``--loss`` and ``--jitter`` both ways, then nothing again, then nothing gets
through for a second, then nothing is done again. Jitter beyond the spacing of packets also changes
their order. What is told: pictures returned a second while it is bad, how much of the voice is
understood (STOI: 1 is all, words are understood from about 0.75 on), how soon after the end of the
trouble pictures come without a halt again, and how many calls it took: one, if the call went on.
"""

from __future__ import annotations

import argparse
import base64
import tempfile
import time
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.call.chromium import chromium, watched_page
from bench.call.figures import Watched, ages, rate
from bench.call.webcam import RATE, write_portrait, write_speech
from bench.network.host import Host, hosting
from bench.network.impairment import CLEAN, OUTAGE, Impairment
from bench.network.intelligibility import intelligibility
from bench.report import Figure, Row, percentile, table, write_json
from realtime.types import Floats

if TYPE_CHECKING:
    from playwright.sync_api import Page

WIDTH, HEIGHT, ROUND = 640, 480, 300
SETTLE = 6.0
AFTER = 6.0
"""Seconds watched after the trouble."""
GAP = 150.0
"""Milliseconds without a picture that are seen as a halt."""
HEAR = Path(__file__).with_name("hear.js")


def run(argv: Sequence[str]) -> int:
    """Measure, print a table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser("visavis bench network", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="F", help="write the rows to F")
    parser.add_argument("--loss", type=float, default=5.0, metavar="PERCENT", help="each way")
    parser.add_argument("--jitter", type=float, default=30.0, metavar="MS", help="each way")
    parser.add_argument("--delay", type=float, default=10.0, metavar="MS", help="each way")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the trouble")
    options = parser.parse_args(argv)
    bad = Impairment(options.loss / 100, options.delay / 1000, options.jitter / 1000)
    rows = measure(bad, options.seconds)
    print(table(rows))
    if options.json:
        write_json(rows, options.json)
    return 0


def measure(bad: Impairment, seconds: float) -> list[Row]:
    """Return a row for each weather, and one for each end of it."""
    with tempfile.TemporaryDirectory() as folder:
        camera, microphone = Path(folder, "camera.mjpeg"), Path(folder, "microphone.wav")
        write_portrait(camera, WIDTH, HEIGHT, ROUND)
        write_speech(microphone)
        with (
            chromium(camera, microphone) as browser,
            hosting() as host,
            watched_page(browser, host.address) as page,
        ):
            # Both sides are drawn, so that the age of what comes back can be told.
            page.get_by_role("button", name="Side by side").click()
            page.get_by_role("button", name="Happy", exact=True).click()
            page.get_by_role("button", name="Start", exact=True).click()
            page.wait_for_selector("#stage.live", timeout=20_000)
            page.evaluate(HEAR.read_text(encoding="utf-8"))
            page.evaluate("watch.begin()")
            page.evaluate("hear.begin()")
            time.sleep(SETTLE)
            return storm(Call(page, host, _read(microphone)), bad, seconds)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that runs behind a network that can be made bad.

    Attributes:
        voice: what the microphone plays round and round, at ``RATE``.
    """

    page: Page
    host: Host
    voice: Floats

    def watch(self, seconds: float) -> tuple[Watched, Floats]:
        """Return what is seen and heard in the next ``seconds``."""
        self.page.evaluate("watch.take()")
        self.page.evaluate("hear.take()")
        time.sleep(seconds)
        watched = Watched.of(self.page.evaluate("watch.take()"))
        raw = base64.b64decode(self.page.evaluate("hear.take()"))
        return watched, (np.frombuffer(raw, np.int16) / 32_768).astype(np.float32)

    def now(self) -> float:
        """Return the page's own time, milliseconds."""
        return float(self.page.evaluate("performance.now()"))


def storm(call: Call, bad: Impairment, seconds: float) -> list[Row]:
    """Let the network be good, bad, good, gone and good again."""
    name = f"{100 * bad.loss:g} % loss, {1000 * bad.jitter:g} ms jitter"
    rows = [weather("clean", call, seconds)]
    call.host.change(bad)
    time.sleep(1.0)
    rows.append(weather(name, call, seconds))
    rows.append(recovery(f"after {name}", call))
    call.host.change(OUTAGE)
    time.sleep(1.0)
    rows.append(recovery("after 1 s without a packet", call))
    return rows


def weather(name: str, call: Call, seconds: float) -> Row:
    """Return what the call is like while the network stays as it is."""
    watched, heard = call.watch(seconds)
    times = [at for at, _ in watched.returned]
    extra: dict[str, Figure] = {
        "fps_sent": round(rate(watched.sent), 2),
        "fps_returned": round(rate(watched.returned), 2),
        "longest_halt_ms": round(max((b - a for a, b in pairwise(times)), default=0.0), 1),
        "voice_stoi": round(intelligibility(call.voice, heard, RATE), 3),
    }
    old = ages(watched.shown_before, watched.shown_after)
    name = f"network {name}: glass to glass"
    return Row.of(name, old, **extra) if old else Row(name, extra=extra)


def recovery(name: str, call: Call) -> Row:
    """Make the network good and return how long it takes until pictures come without a halt."""
    begun = call.now()
    calls = call.host.change(CLEAN)
    watched, _ = call.watch(AFTER)
    times = [at for at, _ in watched.returned]
    old = ages(watched.shown_before, watched.shown_after)
    return Row(
        f"network {name}",
        extra={
            "seconds_to_smooth": smooth_after(begun, times, call.now()),
            "fps_returned": round(rate(watched.returned), 2),
            "age_at_end_ms": round(percentile(old[-60:], 0.5) / 1e6, 1) if old else None,
            "calls": calls,
        },
    )


def smooth_after(begun: float, times: Sequence[float], end: float) -> float | None:
    """Return the seconds from ``begun`` to the end of the last halt; None where it has not ended.

    All in milliseconds: ``times`` at which pictures came, and ``end``, until which was watched.
    """
    marks = [begun, *times]
    if end - marks[-1] > 2 * GAP:  # the page's answer takes its time too
        return None
    again = max((b for a, b in pairwise(marks) if b - a > GAP), default=begun)
    return round((again - begun) / 1000, 2)


def _read(path: Path) -> Floats:
    with wave.open(str(path), "rb") as file:
        data = file.readframes(file.getnframes())
    return (np.frombuffer(data, np.int16) / 32_768).astype(np.float32)

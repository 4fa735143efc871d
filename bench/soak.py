"""``visavis bench soak``: a call that goes on, and what grows meanwhile.

Headless Chromium calls the server as it is, at 640x480 and 30 fps, with a face beside a flash and a
microphone that beeps with it. Every ten seconds the memory of the server with all its processes is
read, how old the returned pictures were, and how far flashes and beeps came apart. The first minute
does not count for memory: buffers are filled once.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.av_sync.browser import LISTEN, Heard
from bench.av_sync.clip import HERTZ, ROUND, write_fake_devices
from bench.av_sync.detect import Offset
from bench.av_sync.figures import drift, offset_row
from bench.call.chromium import WATCH, chromium, page_with
from bench.call.figures import Watched, ages, passage, rate
from bench.call.host import Host, hosted
from bench.memory import Sample, growth, owned, used
from bench.report import Row, percentile, table, write_json
from realtime.clock import MS
from realtime.commands.errors import CommandError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WINDOW = 10.0
"""Seconds between two readings."""
FILLING = 60.0
"""Seconds at the beginning whose memory does not count."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was seen in one window.

    Attributes:
        memory: of the server at its end, without the files that it maps.
        all_memory: with them, MiB.
        ages: of the pictures that came back, nanoseconds.
        fps: of those.
        lost: share of the pictures sent that did not come back.
    """

    memory: Sample
    all_memory: float
    ages: Sequence[int]
    fps: float
    lost: float


def run(argv: Sequence[str]) -> int:
    """Measure, print a table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser("visavis bench soak", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="F", help="write the rows to F")
    parser.add_argument("--minutes", type=float, default=30.0, help="length of the call")
    options = parser.parse_args(argv)
    rows = summary(*measure(60 * options.minutes))
    print(table(rows))
    if options.json:
        write_json(rows, options.json)
    return 0


def measure(seconds: float) -> tuple[list[Reading], list[Offset]]:
    """Call for ``seconds`` and return the readings, and how sound and picture lay meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        camera, microphone = Path(folder, "camera.mjpeg"), Path(folder, "microphone.wav")
        write_fake_devices(camera, microphone)
        with chromium(camera, microphone) as browser, hosted("visavis") as host:
            return watch(browser, host, seconds)


def watch(browser: Browser, host: Host, seconds: float) -> tuple[list[Reading], list[Offset]]:
    """Call ``host`` as a person would, and read what goes on in every window."""
    heard = Heard()
    with page_with(browser, host.address, WATCH, LISTEN) as page:
        page.get_by_role("button", name="Side by side").click()
        page.get_by_role("button", name="Happy").click()
        page.get_by_role("button", name="Start").click()
        page.wait_for_selector("#stage.live", timeout=20_000)
        page.evaluate("watch.begin()")
        page.evaluate("hertz => listen.begin(hertz)", HERTZ)
        start = time.monotonic()
        readings: list[Reading] = []
        while time.monotonic() - start < seconds:
            time.sleep(WINDOW)
            heard.add(page.evaluate("listen.take()"))
            seen = Watched.of(page.evaluate("watch.take()"))
            memory = Sample(time.monotonic() - start, owned(host.pid))
            readings.append(reading(seen, memory, used(host.pid)))
        return readings, heard.offsets()


def reading(seen: Watched, memory: Sample, all_memory: float) -> Reading:
    """Return what one window says."""
    way = passage(seen.sent, seen.returned, ROUND)
    old = ages(seen.shown_before, seen.shown_after)
    return Reading(memory, all_memory, old, rate(seen.returned), way.lost)


def summary(readings: Sequence[Reading], offsets: Sequence[Offset]) -> list[Row]:
    """Return what grew and what did not, from the first third to the last.

    ``drift_ms`` is from the first fifth of the offsets to the last.
    """
    if len(readings) < 3 or not all(r.ages for r in readings):
        raise CommandError("the call was too short, or stood still: nothing can be said of it")
    third = len(readings) // 3
    first, last = readings[:third], readings[-third:]
    old = [age for r in readings for age in r.ages]
    steady = [r.memory for r in readings if r.memory.at >= FILLING] or [r.memory for r in readings]
    minutes = round(readings[-1].memory.at / 60, 1)
    return [
        Row.of(
            f"soak {minutes:g} min: glass to glass",
            old,
            rise_ms=round((_median_age(last) - _median_age(first)) / MS, 1),
            fps_lowest=round(min(r.fps for r in readings), 2),
            dropped_share=round(sum(r.lost for r in readings) / len(readings), 4),
        ),
        Row(
            f"soak {minutes:g} min: memory of the server",
            extra={
                "growth_mib_per_minute": round(growth(steady), 3),
                "first_mib": round(steady[0].mib, 1),
                "last_mib": round(steady[-1].mib, 1),
                "most_mib_with_mapped_files": round(max(r.all_memory for r in readings), 1),
            },
        ),
        offset_row(f"in a soak of {minutes:g} min", offsets, drift_ms=drift(offsets)),
    ]


def _median_age(readings: Sequence[Reading]) -> int:
    return percentile([age for r in readings for age in r.ages], 0.5)

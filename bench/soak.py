"""``visavis bench soak``: a call that goes on, and what grows meanwhile.

Headless Chromium calls the server as it is, at 640x480 and 30 fps, with a face beside a flash and a
microphone that beeps with it. Every ten seconds the memory of the server with all its processes is
read, and how many pictures came back; flashes and beeps tell how old picture and sound were when
they came out, and how far apart. The first minute does not count for memory: buffers are filled
once.
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
from bench.av_sync.clip import HERTZ, write_fake_devices
from bench.av_sync.figures import drift, offset_row
from bench.call.chromium import chromium, page_with
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
        sent: pictures that the camera gave.
        returned: pictures that came back onto the screen.
        seconds: length of the window.
    """

    memory: Sample
    all_memory: float
    sent: int
    returned: int
    seconds: float


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


def measure(seconds: float) -> tuple[list[Reading], Heard]:
    """Call for ``seconds`` and return the readings, and the flashes and beeps meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        camera, microphone = Path(folder, "camera.mjpeg"), Path(folder, "microphone.wav")
        write_fake_devices(camera, microphone)
        with chromium(camera, microphone) as browser, hosted("visavis") as host:
            return listen(browser, host, seconds)


def listen(browser: Browser, host: Host, seconds: float) -> tuple[list[Reading], Heard]:
    """Call ``host`` as a person would, and read what goes on in every window."""
    heard, readings = Heard(), list[Reading]()
    with page_with(browser, host.address, LISTEN) as page:
        page.get_by_role("button", name="Happy").click()
        page.get_by_role("button", name="Start").click()
        page.wait_for_selector("#stage.live", timeout=20_000)
        page.evaluate("hertz => listen.begin(hertz)", HERTZ)
        start = last = time.monotonic()
        while last - start < seconds:
            time.sleep(WINDOW)
            sent, returned = (len(heard.pictures[side]) for side in ("before", "after"))
            heard.add(page.evaluate("listen.take()"))
            now = time.monotonic()
            readings.append(
                Reading(
                    Sample(now - start, owned(host.pid)),
                    used(host.pid),
                    len(heard.pictures["before"]) - sent,
                    len(heard.pictures["after"]) - returned,
                    now - last,
                )
            )
            last = now
    return readings, heard


def summary(readings: Sequence[Reading], heard: Heard) -> list[Row]:
    """Return what grew and what did not, from the first third to the last.

    ``drift_ms`` is from the first fifth of the offsets to the last.
    """
    ages = [age for _, age in heard.picture_delays()]
    third = len(ages) // 3
    if third < 3 or not all(r.returned for r in readings):
        raise CommandError("the call was too short, or stood still: nothing can be said of it")
    rise = percentile(ages[-third:], 0.5) - percentile(ages[:third], 0.5)
    steady = [r.memory for r in readings if r.memory.at >= FILLING] or [r.memory for r in readings]
    name = f"soak {round(readings[-1].memory.at / 60, 1):g} min"
    offsets = heard.offsets()
    return [
        Row.of(
            f"{name}: glass to glass",
            ages,
            rise_ms=round(rise / MS, 1),
            fps_lowest=round(min(r.returned / r.seconds for r in readings), 2),
            missing_share=round(
                1 - sum(r.returned for r in readings) / sum(r.sent for r in readings), 4
            ),
        ),
        Row(
            f"{name}: memory of the server",
            extra={
                "growth_mib_per_minute": round(growth(steady), 3),
                "first_mib": round(steady[0].mib, 1),
                "last_mib": round(steady[-1].mib, 1),
                "most_mib_with_mapped_files": round(max(r.all_memory for r in readings), 1),
            },
        ),
        offset_row(name, offsets, drift_ms=drift(offsets)),
    ]

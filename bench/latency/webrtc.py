"""``visavis bench webrtc``: a real browser's call, measured by numbers in its pictures.

Headless Chromium films a moving portrait with a number in its corner, at 640x480 and 30 fps, and
shows what comes back beside it. Glass to glass is the time from a number's being filmed to its
showing in the returned picture, in steps of the screen's 1/60 s. The same is measured of a plain
aiortc echo: what a call costs without us. With ``--generator-weights`` the call has that generator
after the edit. Then one stage of the filter is held up for 100 ms each time that it runs. All of it
wants a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.call.chromium import chromium, watched_page
from bench.call.figures import Watched, ages, gaps, passage, rate
from bench.call.host import hosting
from bench.call.webcam import write_portrait, write_speech
from bench.report import Row, percentile, table, write_json
from realtime.commands.errors import CommandError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDTH, HEIGHT = 640, 480
ROUND = 300
"""Different pictures; the camera shows them round and round."""

SETTLE = 5.0
"""Seconds before the first that counts: the browser's own rate control has to find its feet."""

OVERLOADS = ("landmarks", "render")


def run(argv: Sequence[str]) -> int:
    """Measure, print a table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser("visavis bench webrtc", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="F", help="write the rows to F")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the call")
    parser.add_argument("--generator-weights", type=Path, metavar="F.onnx", help="of a generator")
    options = parser.parse_args(argv)
    weights = options.generator_weights
    if weights is not None and not weights.is_file():
        parser.error(f"{weights} is not there")
    rows = measure(options.seconds, f"generator:{weights.resolve()}" if weights else "visavis")
    print(table(rows))
    if options.json:
        write_json(rows, options.json)
    return 0


def measure(seconds: float, kind: str = "visavis") -> list[Row]:
    """Return the rows of a call of ``seconds``; echo and overloads take a third of it each."""
    with tempfile.TemporaryDirectory() as folder:
        camera, microphone = Path(folder, "camera.mjpeg"), Path(folder, "microphone.wav")
        write_portrait(camera, WIDTH, HEIGHT, ROUND)
        write_speech(microphone)
        with chromium(camera, microphone) as browser:
            third = max(5.0, seconds / 3)
            echo = watch(browser, "echo", third)
            ours = watch(browser, kind, seconds)
            overloads = {stage: watch(browser, f"stall:{stage}", third) for stage in OVERLOADS}
    rows = [*call_rows("echo", echo), *call_rows("visavis", ours), added_row(echo, ours)]
    for stage, watched in overloads.items():
        rows += call_rows(f"overload {stage}", watched)
    return rows


def watch(browser: Browser, kind: str, seconds: float) -> Watched:
    """Call a host of ``kind`` as a person would, and return what was seen."""
    with hosting(kind) as address, watched_page(browser, address) as page:
        page.get_by_role("button", name="Side by side").click()
        page.get_by_role("button", name="Happy").click()
        page.get_by_role("button", name="Start").click()
        page.wait_for_selector("#stage.live", timeout=20_000)
        page.evaluate("watch.begin()")
        time.sleep(SETTLE)
        page.evaluate("watch.take()")
        time.sleep(seconds)
        return Watched.of(page.evaluate("watch.take()"))


def call_rows(name: str, watched: Watched) -> list[Row]:
    """Return the rows of one call: picture and sound."""
    size = f"{WIDTH}x{HEIGHT}"
    way = passage(watched.sent, watched.returned, ROUND)
    old = ages(watched.shown_before, watched.shown_after)
    if len(old) < 2 or len(watched.sound) < 2:
        raise CommandError(f"the call {name!r} brought no picture or no sound back")
    half = len(old) // 2
    return [
        Row.of(
            f"call {name} {size}: glass to glass",
            old,
            fps_sent=round(rate(watched.sent), 2),
            fps_returned=round(rate(watched.returned), 2),
            dropped_share=round(way.lost, 4),
            swapped=way.swapped,
            unreadable=way.unreadable,
            worst_ms=round(max(old) / 1e6, 1),
            drift_ms=round((percentile(old[half:], 0.5) - percentile(old[:half], 0.5)) / 1e6, 1),
        ),
        Row.of(f"call {name}: sound between arrivals", gaps(watched.sound)),
    ]


def added_row(echo: Watched, ours: Watched) -> Row:
    """Return what visavis adds to a plain echo, percentile by percentile."""
    both = [ages(w.shown_before, w.shown_after) for w in (echo, ours)]
    p50, p95, p99 = (
        (percentile(both[1], q) - percentile(both[0], q)) / 1e6 for q in (0.50, 0.95, 0.99)
    )
    return Row(f"call visavis {WIDTH}x{HEIGHT}: added to a plain echo", p50, p95, p99)

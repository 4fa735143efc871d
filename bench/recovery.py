"""``visavis bench recovery``: how soon the edited picture is there, and there again after a blow.

All in real headless Chromium at 640x480 and 30 fps, with a number in each picture. A first visit is
timed from the moment at which the browser gives the camera to the first edited picture on the
screen. Then, in the middle of a call: the filter's process is killed; it is made to hang; the
server is killed and begun again. What is told is for how long no new picture was seen.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bench.call.chromium import chromium, watched_page
from bench.call.figures import Sightings
from bench.call.host import Host, hosted
from bench.call.webcam import write_portrait, write_speech
from bench.memory import tree
from bench.report import Row, table, write_json
from realtime.clock import MS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTH, HEIGHT, ROUND = 640, 480, 300
BEFORE, AFTER = 2.0, 6.0
"""Seconds that are watched around a blow."""

TIME_VISIT = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wish) => {
  const stream = await ask(wish);
  window.allowed ??= performance.now();
  return stream;
};
"""
FIRST_PICTURE = """() => new Promise((resolve) => {
  const after = document.getElementById("after");
  after.requestVideoFrameCallback((now) => resolve(now - window.allowed));
})"""


def run(argv: Sequence[str]) -> int:
    """Measure, print a table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser("visavis bench recovery", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="F", help="write the rows to F")
    parser.add_argument("--times", type=int, default=5, metavar="N", help="how often each")
    options = parser.parse_args(argv)
    rows = measure(options.times)
    print(table(rows))
    if options.json:
        write_json(rows, options.json)
    return 0


def measure(times: int) -> list[Row]:
    """Return a row for the first visit and one for each blow."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        camera, microphone = Path(folder, "camera.mjpeg"), Path(folder, "microphone.wav")
        write_portrait(camera, WIDTH, HEIGHT, ROUND)
        write_speech(microphone)
        browser = stack.enter_context(chromium(camera, microphone))
        rows = [
            Row.of(
                "first visit: camera allowed to first edited picture",
                [visit(browser) for _ in range(times)],
            )
        ]
        blows = {"killed": signal.SIGKILL, "hung": signal.SIGSTOP}
        for name, blow in blows.items():
            held = [after_blow(browser, blow) for _ in range(times)]
            rows.append(Row.of(f"filter's process {name}: picture held", held))
        held = [after_restart(browser) for _ in range(times)]
        rows.append(Row.of("server killed and begun again: picture held", held))
    return rows


def visit(browser: Browser) -> int:
    """Return how long a new visitor of a new server waits, nanoseconds."""
    with hosted("visavis") as host:
        context = browser.new_context()
        context.add_init_script(TIME_VISIT)
        try:
            page = context.new_page()
            page.goto(host.address)
            page.get_by_role("button", name="Happy", exact=True).click()
            page.get_by_role("button", name="Start").click()
            return round(MS * cast("float", page.evaluate(FIRST_PICTURE)))
        finally:
            context.close()


def after_blow(browser: Browser, blow: signal.Signals) -> int:
    """Return for how long the picture stood when the filter's process got ``blow``."""
    with hosted("visavis") as host, called(browser, host) as page:
        time.sleep(BEFORE)
        os.kill(busiest(host), blow)
        time.sleep(AFTER)
        return longest_still(shown(page))


def after_restart(browser: Browser) -> int:
    """Return for how long the picture stood when the server was killed and begun at once."""
    with ExitStack() as first:
        host = first.enter_context(hosted("visavis"))
        port = int(host.address.rstrip("/").rpartition(":")[2])
        with called(browser, host) as page:
            time.sleep(BEFORE)
            for pid in reversed(tree(host.pid)):
                os.kill(pid, signal.SIGKILL)
            first.close()
            with hosted("visavis", port):
                time.sleep(2 * AFTER)
                return longest_still(shown(page))


@contextmanager
def called(browser: Browser, host: Host) -> Generator[Page, None, None]:
    """Yield a page in the middle of a call."""
    with watched_page(browser, host.address) as page:
        page.get_by_role("button", name="Side by side").click()
        page.get_by_role("button", name="Happy", exact=True).click()
        page.get_by_role("button", name="Start").click()
        page.wait_for_selector("#stage.live", timeout=20_000)
        page.evaluate("watch.begin()")
        yield page


def busiest(host: Host) -> int:
    """Return which of the host's processes filters: below the first, the one that has run most."""
    children = [pid for pid in tree(host.pid) if pid != host.pid]
    forked = [
        pid for pid in children if any(pid in tree(other) for other in children if other != pid)
    ]
    return max(forked, key=_ticks)


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def shown(page: Page) -> Sightings:
    """Return what was on the screen since the page was first watched."""
    noted = cast("list[tuple[float, int]]", page.evaluate("watch.take().shown.after"))
    return [(at, number) for at, number in noted]


def longest_still(seen: Sightings) -> int:
    """Return the longest time for which the same picture, or none, was shown; nanoseconds."""
    changes = [seen[0][0]] if seen else []
    changes += [at for (_, before), (at, number) in pairwise(seen) if number != before]
    return round(MS * max((b - a for a, b in pairwise(changes)), default=0.0))

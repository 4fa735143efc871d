"""``visavis bench fuzz``: malformed offers and messages, and a call that goes on beside them.

``visavis serve`` runs as a person starts it, and headless Chromium calls it. Then somebody on the
same machine sends a thousand harmed offers, by the page's socket and by WHIP, ten thousand broken
messages to a call of his own, and two thousand messages at once. What is told: the pictures of the
first call before, during and after; whether it had to call anew; and what the server holds when it
is over that it did not hold before. A tenth of the attack goes ahead and does not count: buffers
are filled once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import tempfile
import time
import urllib.request
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bench.call.chromium import chromium, watched_page
from bench.call.figures import Watched, ages, passage, rate
from bench.call.webcam import write_portrait, write_speech
from bench.fuzz.attack import Outcome, flood, offers, orders
from bench.fuzz.mutation import with_addresses
from bench.fuzz.server import Holding, Server, serving
from bench.report import Figure, Row, table, write_json

if TYPE_CHECKING:
    from playwright.sync_api import Page

WIDTH, HEIGHT, ROUND = 640, 480, 300
CALM = 10.0
"""Seconds watched before and after."""

SETTLED = 15.0
"""Seconds after an attack until what it left is counted: the next call's filter is ready again."""

OFFER = """async () => {
  const call = new RTCPeerConnection();
  for (const kind of ["audio", "video"]) call.addTransceiver(kind);
  const { sdp } = await call.createOffer();
  call.close();
  return sdp;
}"""

logger = logging.getLogger(__name__)

T = TypeVar("T")


def run(argv: Sequence[str]) -> int:
    """Measure, print a table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser("visavis bench fuzz", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="F", help="write the rows to F")
    parser.add_argument("--offers", type=int, default=1000, metavar="N", help="malformed offers")
    parser.add_argument("--messages", type=int, default=10_000, metavar="N", help="broken messages")
    options = parser.parse_args(argv)
    rows = measure(options.offers, options.messages)
    print(table(rows))
    if options.json:
        write_json(rows, options.json)
    return 0


def measure(offered: int, ordered: int) -> list[Row]:
    """Return a row for each part of the attack, and one for the server."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        camera, microphone = folder / "camera.mjpeg", folder / "microphone.wav"
        write_portrait(camera, WIDTH, HEIGHT, ROUND)
        write_speech(microphone)
        with (
            serving(folder) as server,
            chromium(camera, microphone) as browser,
            watched_page(browser, server.address) as page,
        ):
            # Both sides are drawn, so that the age of what comes back can be told.
            page.get_by_role("button", name="Side by side").click()
            page.get_by_role("button", name="Happy", exact=True).click()
            page.get_by_role("button", name="Start", exact=True).click()
            page.wait_for_selector("#stage.live", timeout=20_000)
            page.evaluate("watch.begin()")
            return Siege(page, server).rows(offered, ordered)


@dataclass(frozen=True, slots=True)
class Siege:
    """A server under attack, and the page whose call goes on."""

    page: Page
    server: Server

    def rows(self, offered: int, ordered: int) -> list[Row]:
        """Attack, and return what was seen."""
        address, good = self.server.address, str(self.page.evaluate(OFFER))
        [own] = self.sessions()
        addressed = with_addresses(good)
        self.during(lambda: offers(address, addressed, offered // 10))
        self.during(lambda: orders(address, good, ordered // 10, seed=0))
        time.sleep(SETTLED)
        before = self.server.holding()
        rows = [self.row("before", *self.during(lambda: asyncio.sleep(CALM)))]
        outcome, seen = self.during(lambda: offers(address, addressed, offered))
        rows.append(self.row(f"{offered} malformed offers", outcome, seen))
        outcome, seen = self.during(lambda: orders(address, good, ordered))
        rows.append(self.row(f"{ordered} broken messages", outcome, seen))
        sent_away, _ = self.during(lambda: flood(address, good))
        time.sleep(SETTLED)
        rows.append(self.row("after", *self.during(lambda: asyncio.sleep(CALM))))
        return [*rows, self.verdict(before, same_call=own in self.sessions(), sent_away=sent_away)]

    def during(self, attack: Callable[[], Coroutine[None, None, T]]) -> tuple[T, Watched]:
        """Return what ``attack`` returns, and what the page saw meanwhile."""
        self.page.evaluate("watch.take()")
        with ThreadPoolExecutor(1) as pool:  # this thread's loop is Playwright's
            result = pool.submit(lambda: asyncio.run(attack())).result()
        return result, Watched.of(self.page.evaluate("watch.take()"))

    def row(self, name: str, outcome: Outcome | None, seen: Watched) -> Row:
        """Return what the call was like."""
        times = [at for at, _ in seen.returned]
        extra: dict[str, Figure] = {
            "fps_returned": round(rate(seen.returned), 2),
            "longest_halt_ms": round(max((b - a for a, b in pairwise(times)), default=0.0), 1),
            "dropped_share": round(passage(seen.sent, seen.returned, ROUND).lost, 4),
            **{what.replace(" ", "_"): count for what, count in sorted((outcome or {}).items())},
        }
        old = ages(seen.shown_before, seen.shown_after)
        name = f"fuzz {name}: glass to glass"
        return Row.of(name, old, **extra) if old else Row(name, extra=extra)

    def verdict(self, before: Holding, *, same_call: bool, sent_away: bool) -> Row:
        """Return what is left of the attack."""
        now, traces = self.server.holding(), self.server.traces()
        for last_line, number in traces.most_common():
            logger.warning("%d times in the server's log: %s", number, last_line)
        return Row(
            "fuzz: what is left in the server",
            extra={
                "memory_growth_mib": round(now.mib - before.mib, 1),
                "memory_mib": round(now.mib, 1),
                "handles_growth": now.handles - before.handles,
                "processes_growth": now.processes - before.processes,
                "unexpected_errors": traces.total(),
                "same_call": same_call,
                "other_calls": len(self.sessions()) - same_call,
                "flood_sent_away": sent_away,
            },
        )

    def sessions(self) -> list[str]:
        """Return the names of the calls that run."""
        with urllib.request.urlopen(f"{self.server.address}sessions", timeout=10) as response:
            return [call["session"] for call in json.load(response)["sessions"]]

"""Sound in step in a real Chromium: a flash's way through a call against its beep's.

What is compared is decoded picture and decoded sound where the browser gives them to the machine:
the picture when it goes to the screen, the sound when it leaves the jitter buffer for the
loudspeaker. Flash and beep are found at the camera and the microphone too, because Chromium plays
the two files from different moments: an offset is how much longer a flash is on its way than a beep
of that moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bench.av_sync.clip import HERTZ, write_fake_devices
from bench.av_sync.detect import Offset, flash_onsets, pair_through, passed, tone_onsets
from bench.av_sync.figures import (
    SETTLE_BAR_S,
    Conditions,
    drift,
    offset_row,
    settled,
    step_time,
)
from bench.call.chromium import chromium, page_with
from bench.call.host import hosting
from bench.report import Row
from realtime.clock import MS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LISTEN = Path(__file__).with_name("listen.js")

SETTLE_S = 6.0
"""Before the first that counts: the browser's own buffers have to find their feet."""

TAKE_EVERY_S = 10.0

Side = list[tuple[int, float]]
"""(nanoseconds, brightness or strength) in the order of time."""


@dataclass(slots=True)
class Heard:
    """What ``listen.js`` noted.

    Attributes:
        pictures: brightness of the patch, "before" and "after" the call.
        sounds: strength of the tone, likewise.
        telemetry: what the server told meanwhile.
        output_ms: what the browser says its sound output takes after the point that is measured.
    """

    pictures: dict[str, Side] = field(default_factory=lambda: {"before": [], "after": []})
    sounds: dict[str, Side] = field(default_factory=lambda: {"before": [], "after": []})
    telemetry: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    output_ms: float | None = None

    def add(self, noted: Mapping[str, Any]) -> None:
        """Append what ``listen.take()`` gave."""
        for side in ("before", "after"):
            self.pictures[side] += [(round(t * MS), level) for t, level in noted["pictures"][side]]
            self.sounds[side] += [
                (round((t + i) * MS), strength)
                for t, strengths in noted["sounds"][side]
                for i, strength in enumerate(strengths)
            ]
        self.telemetry += noted["telemetry"]
        self.output_ms = noted["output_ms"]

    def offsets(self) -> list[Offset]:
        """Return how much longer each flash took than its beep: positive is sound early."""
        flashes = self._onsets(self.pictures, flash_onsets)
        return pair_through(flashes, self._onsets(self.sounds, tone_onsets))

    def picture_delays(self) -> list[tuple[int, int]]:
        """Return (when it came out, how long it took) of each flash."""
        return passed(*self._onsets(self.pictures, flash_onsets))

    def _onsets(
        self, sides: Mapping[str, Side], find: Callable[[Sequence[tuple[int, float]]], list[int]]
    ) -> tuple[list[int], list[int]]:
        return find(sides["before"]), find(sides["after"])


def rows(conditions: Conditions) -> list[Row]:
    """Measure calls whose filter is late by each delay, and one where it becomes so."""
    found: list[Row] = []
    with TemporaryDirectory() as folder, filming_clip(Path(folder)) as browser:
        for delay in conditions.delays:
            heard = listen(browser, f"late:{delay}" if delay else "visavis", conditions.seconds)
            found.append(call_row(f"browser, filter {delay} ms late", heard))
        if conditions.step:
            found.append(step_row(browser, conditions))
        if conditions.together:
            heard = listen(browser, "together", conditions.seconds)
            found.append(call_row("browser, one media stream, kept together by itself", heard))
    return found


def call_row(name: str, heard: Heard) -> Row:
    """Return the row of one call."""
    offsets, delays = heard.offsets(), [delay for _, delay in heard.picture_delays()]
    told = [t["av_offset_ms"] for t in heard.telemetry if t.get("av_offset_ms") is not None]
    return offset_row(
        name,
        offsets,
        drift_ms=drift(offsets),
        glass_to_glass_ms=round(median(delays) / MS, 1) if delays else None,
        server_says_ms=_rounded(median(told) if told else None),
        sound_output_ms=_rounded(heard.output_ms),
    )


def step_row(browser: Browser, conditions: Conditions) -> Row:
    """Return the row of a call whose filter is late from the middle on.

    Its percentiles are those after the time that it has to settle.
    """
    half = max(15.0, conditions.seconds / 2)
    heard = listen(browser, f"late:{conditions.step}@{SETTLE_S + half}", 2 * half)
    stepped = step_time(heard.picture_delays()) or 0
    name = f"browser, step 0 to {conditions.step} ms"
    offsets = heard.offsets()
    after = [o for o in offsets if o.at > stepped + SETTLE_BAR_S * 1000 * MS]
    return offset_row(name, after, settled_s=settled(offsets, stepped))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


@contextmanager
def filming_clip(folder: Path) -> Generator[Browser, None, None]:
    """Start a browser whose camera flashes and whose microphone beeps."""
    camera, microphone = folder / "camera.mjpeg", folder / "microphone.wav"
    write_fake_devices(camera, microphone)
    with chromium(camera, microphone) as browser:
        yield browser


@contextmanager
def listening(browser: Browser, kind: str) -> Generator[Callable[[], Mapping[str, Any]]]:
    """Call a host of ``kind`` as a person would; yield what gives the notes since the last time."""
    with hosting(kind) as address, page_with(browser, address, LISTEN) as page:
        page.get_by_role("button", name="Start").click()
        page.wait_for_selector("#stage.live", timeout=30_000)
        page.evaluate("hertz => listen.begin(hertz)", HERTZ)
        yield lambda: page.evaluate("listen.take()")


def listen(browser: Browser, kind: str, seconds: float, settle: float = SETTLE_S) -> Heard:
    """Return what went in and came out in ``seconds`` of a call, after ``settle``."""
    heard = Heard()
    with listening(browser, kind) as take:
        time.sleep(settle)
        take()
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(TAKE_EVERY_S, left))
            heard.add(take())
    return heard

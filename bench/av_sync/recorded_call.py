"""A real call, recorded on the server by a click in its page: the file against the browser.

Flash and beep are found at Chromium's camera and microphone, and again in the file; what lies
between them at the camera is taken off, pair by pair, as for the browser's own row.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.av_sync.browser import LISTEN, SETTLE_S, TAKE_EVERY_S, Heard, filming_clip
from bench.av_sync.clip import HERTZ
from bench.av_sync.detect import Offset, flash_onsets, pair_through, tone_onsets
from bench.av_sync.figures import Conditions, drift, offset_row
from bench.av_sync.films import found_in
from bench.call.chromium import page_with
from bench.call.host import hosting
from bench.report import Row
from realtime.clock import MS

PATIENCE_MS = 30_000


def rows(conditions: Conditions) -> list[Row]:
    """Return a row for each film of a recorded call, at each delay and with the step."""
    found: list[Row] = []
    for delay in conditions.delays:
        kind = f"late:{delay}" if delay else "visavis"
        for film, offsets in record(kind, conditions.seconds).items():
            name = f"recording of a call, {film}, filter {delay} ms late"
            found.append(offset_row(name, offsets, drift_ms=drift(offsets)))
    if step := conditions.step:
        kind = f"late:{step}@{SETTLE_S + conditions.seconds / 2:g}"
        for film, offsets in record(kind, conditions.seconds).items():
            name = f"recording of a call, {film}, step 0 to {step} ms"
            found.append(offset_row(name, offsets))
    return found


def record(kind: str, seconds: float) -> dict[str, list[Offset]]:
    """Return the offsets in the wet and the dry film of one call."""
    with (
        TemporaryDirectory() as made,
        home(Path(made)),
        filming_clip(Path(made)) as browser,
        hosting(kind) as address,
        page_with(browser, address, LISTEN) as page,
    ):
        page.get_by_role("button", name="Start").click()
        page.wait_for_selector("#stage.live", timeout=PATIENCE_MS)
        page.evaluate("hertz => listen.begin(hertz)", HERTZ)
        time.sleep(SETTLE_S)
        page.get_by_role("tab", name="Recording").click()
        page.get_by_label("Original picture and sound").check()
        begun: float = page.evaluate("performance.now()")
        page.get_by_role("button", name="Record on the server").click()
        heard = Heard()
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(TAKE_EVERY_S, left))
            heard.add(page.evaluate("listen.take()"))
        page.get_by_role("button", name="Record on the server").click()
        page.wait_for_selector("#files-there a", state="attached", timeout=PATIENCE_MS)
        folder = Path(made) / "visavis-recordings"
        return {
            film: offsets_in(next(folder.glob(f"*-{film}.mp4")), heard, round(begun * MS))
            for film in ("wet", "dry")
        }


def offsets_in(film: Path, heard: Heard, begun: int) -> list[Offset]:
    """Return how much longer each flash took into the file than its beep.

    The film begins at ``begun`` on the page's clock.
    """
    flashes, beeps = ([at + begun for at in onsets] for onsets in found_in(film))
    camera = flash_onsets(heard.pictures["before"])
    microphone = tone_onsets(heard.sounds["before"])
    return pair_through((camera, flashes), (microphone, beeps))


@contextmanager
def home(folder: Path) -> Generator[None]:
    """Let programs that are started meanwhile keep their files in ``folder``."""
    before = os.environ.get("HOME")
    os.environ["HOME"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["HOME"]
        else:
            os.environ["HOME"] = before

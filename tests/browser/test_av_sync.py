"""Calls with flashes and beeps in a real browser: sound in step, and nothing that grows."""

from __future__ import annotations

import time
from collections.abc import Generator
from statistics import median

import pytest
from playwright.sync_api import Browser

from bench.av_sync.browser import Heard, filming_clip, listening
from bench.call.chromium import find
from bench.call.host import hosted
from bench.soak import listen, summary
from realtime.clock import MS

pytestmark = pytest.mark.browser

LATE_MS = 200
LONGEST_S, EVERY_S = 40, 4


@pytest.fixture(scope="module")
def flashing(tmp_path_factory: pytest.TempPathFactory) -> Generator[Browser, None, None]:
    if find() is None:
        pytest.skip("there is no Chromium: install it, or name it in CHROMIUM")
    with filming_clip(tmp_path_factory.mktemp("clip")) as started:
        yield started


def test_a_flash_and_its_beep_come_back_together(flashing: Browser) -> None:
    heard, last = Heard(), list[int]()
    with listening(flashing, f"late:{LATE_MS}") as take:
        for _ in range(LONGEST_S // EVERY_S):
            time.sleep(EVERY_S)
            heard.add(take())
            last = [offset.ns for offset in heard.offsets()][-5:]
            # 20 ms on a machine with nothing else to do, says the bench; a busy one gets room.
            if len(last) == 5 and abs(median(last)) < 45 * MS:
                break
        else:
            pytest.fail(f"still apart after {LONGEST_S} s: {[ns / MS for ns in last]} ms")
    assert median(delay for _, delay in heard.picture_delays()) > LATE_MS * MS, "the filter is late"
    told = [t["av_offset_ms"] for t in heard.telemetry if t["av_offset_ms"] is not None]
    assert told, "the page says what it plays, and the server says what it makes of it"


def test_a_call_that_goes_on_gets_neither_older_nor_larger(flashing: Browser) -> None:
    with hosted("visavis") as host:
        readings, heard = listen(flashing, host, 30)
    age, *_ = summary(readings, heard)
    # Half a minute in which buffers still fill; `visavis bench soak` tells what half an hour does.
    assert readings[-1].memory.mib - readings[0].memory.mib < 16
    rise = age.extra["rise_ms"]
    assert isinstance(rise, float)
    assert rise < 100

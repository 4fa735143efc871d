"""From a browser's stamps and reports to one time of capture, with clocks that the test moves."""

from __future__ import annotations

import random

import pytest

from realtime.clock import MS
from realtime.server.capture import CaptureClock, Kind

PICTURE = 100 * MS // 3
BROWSER = 3_900_000_000_000 * MS
"""NTP time of the browser's when the session clock shows 0."""


class Browser:
    """Sends pictures and sounds whose true times are known.

    Each track's stamps start anywhere, and each needs some time from capture to arrival.
    """

    def __init__(self, *, transit: dict[Kind, int], drift: float = 0.0, jitter: int = 0) -> None:
        self.clock = CaptureClock()
        self._transit = transit
        self._start: dict[Kind, int] = {"video": 7_000 * MS, "audio": -3_000 * MS}
        self._drift = drift
        self._jitter = jitter
        self._random = random.Random(1)

    def lose_sound(self, ns: int) -> None:
        """Let the sound's stamps not go on for so long."""
        self._start["audio"] -= ns

    def send(self, kind: Kind, at: int) -> int:
        """Capture at ``at``, arrive later; return by how much capture is misjudged."""
        late = self._transit[kind] + self._random.randint(0, self._jitter)
        media = self._start[kind] + round(at * (1 + self._drift))
        return self.clock.arrived(kind, media, at + late) - at

    def report(self, kind: Kind, at: int, wrong: int = 0) -> None:
        local = round(at * (1 + self._drift))
        self.clock.reported(kind, self._start[kind] + local, BROWSER + local + wrong)


def test_before_any_report_capture_is_the_quickest_arrival() -> None:
    browser = Browser(transit={"video": 30 * MS, "audio": 25 * MS}, jitter=20 * MS)
    late = [browser.send("video", i * PICTURE) for i in range(100)]
    assert 30 * MS <= min(late[50:]) <= max(late[50:]) < 32 * MS, "jitter is taken off"
    assert not browser.clock.told


def test_reports_put_both_tracks_on_one_clock_whatever_either_needs_to_arrive() -> None:
    browser = Browser(transit={"video": 45 * MS, "audio": 22 * MS}, jitter=15 * MS)
    errors: dict[Kind, list[int]] = {"video": [], "audio": []}
    for i in range(300):
        at = i * PICTURE
        if i % 30 == 0:
            browser.report("video", at)
            browser.report("audio", at - 7 * MS)
        for kind in errors:
            errors[kind].append(browser.send(kind, at))
    assert browser.clock.told
    last = {kind: found[-1] for kind, found in errors.items()}
    assert last["video"] == pytest.approx(last["audio"], abs=MS // 10)
    assert 45 * MS <= last["video"] < 47 * MS, "no picture is taken for older than the quickest"


def test_one_report_is_not_enough_while_the_other_track_comes() -> None:
    browser = Browser(transit={"video": 40 * MS, "audio": 20 * MS})
    browser.report("video", 0)
    for kind in ("video", "audio"):
        browser.send(kind, PICTURE)
    assert not browser.clock.told
    browser.report("audio", PICTURE)
    browser.send("audio", 2 * PICTURE)
    assert browser.clock.told


def test_a_call_without_sound_goes_by_its_pictures_alone() -> None:
    browser = Browser(transit={"video": 40 * MS, "audio": 0})
    browser.report("video", 0)
    assert browser.send("video", PICTURE) == 40 * MS
    assert browser.clock.told


def test_clocks_that_drift_apart_for_an_hour_stay_together() -> None:
    browser = Browser(transit={"video": 40 * MS, "audio": 20 * MS}, drift=100e-6, jitter=5 * MS)
    for second in range(0, 3600, 1):
        for kind in ("video", "audio"):
            browser.report(kind, second * 1000 * MS)
            last = browser.send(kind, second * 1000 * MS + PICTURE)
            if second > 60:
                assert 38 * MS < last < 47 * MS


def test_reports_that_cannot_be_true_are_not_believed() -> None:
    browser = Browser(transit={"video": 40 * MS, "audio": 20 * MS})
    errors: list[int] = []
    for i in range(60):
        browser.report("video", i * PICTURE)
        browser.report("audio", i * PICTURE, wrong=5_000 * MS)
        errors = [browser.send(kind, i * PICTURE) for kind in ("video", "audio")]
    assert errors == [40 * MS, 20 * MS], "as by arrival"


def test_a_microphone_that_dropped_sound_is_set_right_by_its_next_report() -> None:
    browser = Browser(transit={"video": 40 * MS, "audio": 20 * MS}, jitter=4 * MS)
    errors: list[int] = []
    for i in range(600):
        at = i * PICTURE
        if i == 300:  # 130 ms of sound are not there, so its stamps are that much behind
            browser.lose_sound(130 * MS)
        if i % 30 == 0:
            browser.report("video", at)
        if i % 150 == 10:
            browser.report("audio", at)
        picture, sound = browser.send("video", at), browser.send("audio", at)
        errors.append(abs(picture - sound))
    assert max(errors[20:300]) < MS
    assert max(errors[311:]) < MS


def test_a_camera_whose_stamps_stood_still_is_not_late_from_then_on() -> None:
    clock, captured = CaptureClock(), 0
    for i in range(60):
        now = i * PICTURE
        media = now if i < 30 else now - 7_000 * MS
        captured = clock.arrived("video", media, now)
    assert captured == 59 * PICTURE


def test_a_browser_whose_clock_is_set_is_followed_at_once() -> None:
    clock = CaptureClock()
    for second in range(20):
        shift = 0 if second < 10 else 3_600_000 * MS
        now = second * 1000 * MS
        for kind in ("video", "audio"):
            clock.reported(kind, now, BROWSER + now + shift)
        captured = [clock.arrived(kind, now, now + 30 * MS) for kind in ("video", "audio")]
        assert captured == [now + 30 * MS] * 2

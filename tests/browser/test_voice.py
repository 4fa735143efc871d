"""A face that follows the voice, in a real browser: what the microphone hears, the face shows."""

from __future__ import annotations

import csv
import os
import re
import time
import wave
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import av
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from bench.call.chromium import chromium, find, watched_page
from bench.call.webcam import RATE, write_camera
from bench.portrait import moving
from realtime.face.tracker import Tracker
from realtime.picture import from_rgb
from realtime.types import Floats, Pixels
from tests.browser.fake_server import start
from tests.browser.test_call import mouth, returned
from tests.browser.voice_host import voice_host
from tests.realtime.voice.voices import silence, voice

pytestmark = pytest.mark.browser

THERE = 1.0
"""Seconds from a new aim to the face: its smoothing, the round trip, and a busy machine."""

ENOUGH = 1
"""Pictures of each that the page says it shows; the face keeps still, so that one will do."""


def write(path: Path, parts: Sequence[Floats]) -> None:
    samples = (np.clip(np.concatenate(parts), -1, 1) * 32_767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


@contextmanager
def call(folder: Path, parts: Sequence[Floats], ears: str) -> Generator[Page, None, None]:
    """Yield a page in a call whose microphone hears ``parts``, round and round."""
    if find() is None:
        pytest.skip("there is no Chromium: install it, or name it in CHROMIUM")
    camera, microphone = folder / "camera.mjpeg", folder / "microphone.wav"
    write_camera(camera, moving(640, 480, 1) * 30, numbered=False)  # a face that keeps still
    write(microphone, parts)
    with (
        voice_host(ears) as address,
        chromium(camera, microphone) as browser,
        watched_page(browser, address) as page,
    ):
        start(page)
        page.wait_for_selector("#stage.live", timeout=30_000)
        page.evaluate("watch.begin()")
        yield page


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Generator[Page, None, None]:
    happy, angry = (voice(emotion, 3.4, RATE) for emotion in ("happy", "angry"))
    parts = [happy, silence(2.5, RATE), angry, silence(1.0, RATE)]
    with call(tmp_path_factory.mktemp("voice"), parts, "pitch") as page:
        yield page


@pytest.fixture(scope="module")
def tracker() -> Generator[Tracker, None, None]:
    tracker = Tracker("largest", still=True)
    yield tracker
    tracker.close()


def switch(page: Page, name: str, on: bool) -> None:
    page.get_by_role("tab", name="Voice").click()
    page.get_by_role("switch", name=name).set_checked(on)


def brows(points: Floats) -> float:
    """Return how far the inner brows are above the eyes' inner corners, in eye distances."""
    plane = points[:, :2]
    unit = float(np.linalg.norm(plane[263] - plane[33]))
    return float(plane[[133, 362], 1].mean() - plane[[55, 107, 285, 336], 1].mean()) / unit


def measured(picture: Pixels, tracker: Tracker) -> tuple[float, float]:
    """Return how far mouth corners and brows are up."""
    (face,) = tracker(from_rgb(picture))
    return mouth(face.points)[1], brows(face.points)


def at_rest(page: Page, tracker: Tracker) -> Floats:
    """Return the same of the face as it is, now."""
    return np.median([measured(returned(page), tracker) for _ in range(3)], axis=0)


SAYS = re.compile(r"Your face shows (\w+)")


def seen(page: Page, tracker: Tracker, *wanted: str, seconds: float = 45) -> dict[str, Floats]:
    """Return how far mouth corners and brows are up while the page says that each is shown.

    A picture counts once the same has been said for so long that the face must be there.
    """
    found: dict[str, list[tuple[float, float]]] = {word: [] for word in wanted}
    said, since, end = "", 0.0, time.monotonic() + seconds
    while any(len(pictures) < ENOUGH for pictures in found.values()):
        assert time.monotonic() < end, {word: len(pictures) for word, pictures in found.items()}
        picture = returned(page)
        match = SAYS.search(page.locator("#voice-now").inner_text())
        word = match[1] if match else ""
        if word != said:
            said, since = word, time.monotonic()
        elif word in found and time.monotonic() - since > THERE:
            found[word].append(measured(picture, tracker))
    return {word: np.median(pictures, axis=0) for word, pictures in found.items()}


OWN = "Your face shows what you chose"

ROW = """row => [
  [...row.querySelectorAll("dt, dd:not(.bar)")].map((e) => e.textContent).join(" "),
  parseFloat(row.querySelector(".bar").style.getPropertyValue("--p50")),
]"""


def test_the_face_shows_what_the_voice_says_and_the_measurements_why(
    live: Page, tracker: Tracker
) -> None:
    live.get_by_role("button", name="Measurements").click()
    expect(live.locator("#voice-now")).to_have_text("Nobody listens now.")
    own = at_rest(live, tracker)
    switch(live, "Follow my voice", True)
    row = live.locator('#hud-rows [data-kind="claimed"]', has_text="happy")
    row.wait_for(timeout=40_000)
    text, share = row.evaluate(ROW)
    assert text == "happy 80 %"
    assert share == pytest.approx(80, abs=1)
    expect(live.locator("#voice-now")).to_contain_text("is the microphone muted?", timeout=20_000)
    shown = seen(live, tracker, "happy", "angry")
    assert shown["happy"][0] > own[0] + 0.015, "the corners of the mouth go up"
    assert shown["angry"][1] < own[1] - 0.02, "the brows come down"
    found = Axe().run(live)
    assert not found.response["violations"], found.generate_report()


def test_keeping_calm_holds_an_angry_voice_and_leaves_a_happy_one_alone(live: Page) -> None:
    switch(live, "Follow my voice", False)
    switch(live, "Keep calm", True)
    now = live.locator("#voice-now")
    expect(now).to_have_text("Heard: angry 80 %. Your face shows neutral.", timeout=20_000)
    expect(now).to_have_text(f"Heard: happy 80 %. {OWN}.", timeout=20_000)
    live.keyboard.press("Escape")
    expect(live.get_by_role("switch", name="Keep calm")).not_to_be_checked()
    expect(now).to_have_text("Nobody listens now.")


# With the network that ships, on speech that does not


def acted(emotion: str) -> list[Floats]:
    """Return what one speaker says with an emotion, with short pauses, at 48 kHz."""
    named = os.environ.get("VISAVIS_SPEECH")
    if not named or not Path(named, "labels.csv").is_file():
        pytest.skip("VISAVIS_SPEECH names no folder with labels.csv and acted speech")
    with Path(named, "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    who = os.environ.get("VISAVIS_SPEAKER") or rows[0]["speaker"]
    mine = [r["file"] for r in rows if (r["speaker"], r["emotion"]) == (who, emotion)]
    parts: list[Floats] = []
    for name in mine[:4]:
        with closing(av.open(str(Path(named, name)))) as container:
            resampler = av.AudioResampler("flt", layout="mono", rate=RATE)
            for sound in container.decode(audio=0):
                parts += [p.to_ndarray()[0] for p in resampler.resample(sound)]
        parts.append(silence(0.3, RATE))
    return parts


@pytest.mark.data
@pytest.mark.slow
def test_acted_speech_as_the_microphone_changes_the_face(tmp_path: Path, tracker: Tracker) -> None:
    parts = [*acted("happy"), silence(3, RATE), *acted("angry"), silence(3, RATE)]
    with call(tmp_path, parts, "network") as page:
        own = at_rest(page, tracker)
        switch(page, "Follow my voice", True)
        shown = seen(page, tracker, "happy", "angry", seconds=120)
        assert shown["happy"][0] > own[0] + 0.015
        assert shown["angry"][1] < own[1] - 0.02

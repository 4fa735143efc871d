"""A face that follows the voice, in a real browser: what the microphone hears, the face shows."""

from __future__ import annotations

import re
import time
import wave
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

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
        page.wait_for_selector("#stage.live", timeout=60_000)
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


def await_shown(
    page: Page, tracker: Tracker, word: str, is_so: Callable[[float, float], bool], seconds: float
) -> None:
    """Wait until the face shows what the page says it shows; fail when it never does.

    ``is_so`` is told how far mouth corners and brows are up.
    """
    end, found = time.monotonic() + seconds, list[tuple[float, float]]()
    while True:
        assert time.monotonic() < end, f"{word} does not show: {found}"
        match = SAYS.search(page.locator("#voice-now").inner_text())
        if match is None or match[1] != word:
            page.wait_for_timeout(50)
            continue
        found.append(measured(returned(page), tracker))
        if is_so(*found[-1]):
            return


def await_both(page: Page, tracker: Tracker, own: Floats, seconds: float = 60) -> None:
    """Wait until the face has smiled with a happy voice and frowned with an angry one."""
    lift, brow = own
    await_shown(page, tracker, "happy", lambda up, _: up > lift + 0.015, seconds)
    await_shown(page, tracker, "angry", lambda _, up: up < brow - 0.02, seconds)


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
    await_both(live, tracker, own)
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

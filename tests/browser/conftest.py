"""One Chromium and one server for each module; both are real.

Not for the whole run: while Playwright is started, no other test may run an event loop.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from bench.call.chromium import chromium, find, watched_page
from bench.call.host import hosting
from bench.call.webcam import write_portrait, write_speech

ROUND = 150
"""Numbered pictures in the camera's clip, which goes round."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Generator[Browser, None, None]:
    if find() is None:
        pytest.skip("there is no Chromium: install it, or name it in CHROMIUM")
    folder = tmp_path_factory.mktemp("webcam")
    camera, microphone = Path(folder, "camera.mjpeg"), Path(folder, "microphone.wav")
    write_portrait(camera, 640, 480, ROUND)
    write_speech(microphone)
    with chromium(camera, microphone) as started:
        yield started


@pytest.fixture(scope="module")
def address() -> Generator[str, None, None]:
    with hosting("visavis") as address:
        yield address


@pytest.fixture(scope="module")
def live(browser: Browser, address: str) -> Generator[Page, None, None]:
    """A page in the middle of a call."""
    with watched_page(browser, address) as page:
        page.get_by_role("button", name="Side by side").click()
        page.get_by_role("button", name="Start").click()
        page.wait_for_selector("#stage.live", timeout=30_000)
        page.evaluate("watch.begin()")
        yield page


@pytest.fixture
def page(browser: Browser, address: str) -> Generator[Page, None, None]:
    """A fresh page, as it is served; it must complain of nothing and fetch nothing elsewhere."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    faults: list[str] = []

    def console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            faults.append(message.text)

    def request(request: Request) -> None:
        if not request.url.startswith(address):
            faults.append(request.url)

    page.on("console", console)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", request)
    page.goto(address)
    yield page
    context.close()
    assert not faults

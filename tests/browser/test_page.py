"""The page apart from the picture: names, keys, widths, and what it says when something fails."""

from __future__ import annotations

import re
from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from bench.call.host import hosting
from realtime.types import Emotion

pytestmark = pytest.mark.browser


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


def start(page: Page) -> None:
    page.get_by_role("button", name="Start").click()


def test_every_control_is_found_by_its_name(page: Page) -> None:
    for emotion in Emotion:
        button = page.get_by_role("button", name=emotion.value.capitalize(), exact=True)
        expect(button).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_role("button", name="Off")).to_have_attribute("aria-pressed", "true")
    slider = page.get_by_role("slider", name="Intensity")
    assert [slider.get_attribute(name) for name in ("min", "max")] == ["-1", "1.5"]
    expect(page.get_by_role("group", name="Before or after")).to_be_visible()
    for summary in page.locator("summary").all():
        summary.click()
    named = page.locator("main").aria_snapshot()
    unnamed = re.findall(r"- (?:button|slider|checkbox|combobox)(?: \[.*)?:?$", named, re.MULTILINE)
    assert not unnamed


def test_the_keyboard_alone_is_enough(page: Page) -> None:
    page.keyboard.press("2")
    expect(page.get_by_role("button", name="Happy")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Off")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Start").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#stage.live", timeout=20_000)
    expect(page.get_by_role("button", name="Stop")).to_be_focused()


@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_the_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for view in ("Before", "Side by side", "After"):
        page.get_by_role("button", name=view, exact=True).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for button in page.get_by_role("button").all():
            box = button.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["height"] >= 40, "large enough for a finger"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("NotAllowedError", "The camera was not allowed"),
        ("NotFoundError", "No camera was found"),
        ("NotReadableError", "in use by another program"),
    ],
)
def test_a_camera_that_cannot_be_had_is_explained(page: Page, error: str, says: str) -> None:
    page.evaluate(
        "name => { navigator.mediaDevices.getUserMedia = async () => {"
        " throw new DOMException('', name); }; }",
        error,
    )
    start(page)
    expect(page.get_by_role("alert")).to_contain_text(says)
    expect(page.get_by_role("button", name="Start")).to_be_enabled()


def test_a_page_that_gets_no_camera_for_want_of_https_says_so(page: Page) -> None:
    page.evaluate("Object.defineProperty(window, 'isSecureContext', { value: false })")
    start(page)
    expect(page.get_by_role("alert")).to_contain_text("https or localhost")


def test_a_call_without_a_microphone_begins_and_says_so(page: Page) -> None:
    page.evaluate(
        "() => { const devices = navigator.mediaDevices; const open = devices.getUserMedia;"
        " devices.getUserMedia = async (wanted) => { if (wanted.audio)"
        " throw new DOMException('', 'NotFoundError'); return open.call(devices, wanted); }; }"
    )
    start(page)
    page.wait_for_selector("#stage.live", timeout=20_000)
    expect(page.get_by_role("alert")).to_contain_text("No microphone")


def test_a_lost_server_is_told_and_the_camera_let_go(browser: Browser) -> None:
    context = browser.new_context()
    with hosting("visavis") as address:
        page = context.new_page()
        page.goto(address)
        start(page)
        page.wait_for_selector("#stage.live", timeout=30_000)
        page.evaluate("window.track = document.getElementById('before').srcObject.getTracks()[0]")
    expect(page.get_by_role("alert")).to_contain_text("connection to the server was lost")
    assert page.evaluate("track.readyState") == "ended"
    start(page)
    expect(page.get_by_role("alert")).to_contain_text("connection to the server was lost")
    expect(page.get_by_role("button", name="Start")).to_be_enabled()
    context.close()

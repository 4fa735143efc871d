"""``python -m bench.page_shots OUT_DIR``: pictures of the page in a call, at three widths.

A real Chromium films the moving portrait; each picture is the page as it then is. Also prints how
long after the camera was open the first edited picture showed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bench.call.chromium import chromium
from bench.call.host import hosting
from bench.call.webcam import write_camera, write_speech
from bench.portrait import moving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZES = {"phone": (360, 740), "tablet": (820, 1180), "desktop": (1400, 860)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TABS = "Voice", "Limits", "Devices", "Recording", "Keys"

SETTLE = 2500
"""Milliseconds that the ramp, the browser's bitrate and the measurements get."""


def run(argv: Sequence[str]) -> int:
    """Take the pictures."""
    parser = argparse.ArgumentParser("python -m bench.page_shots", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="OUT_DIR")
    parser.add_argument("--one", action="store_true", help="only the README's, as page.jpg")
    options = parser.parse_args(argv)
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        camera, microphone = Path(work, "camera.mjpeg"), Path(work, "microphone.wav")
        frames = moving(1280, 720, 1) * 30 if options.one else moving(1280, 720, 90)
        write_camera(camera, frames, numbered=False)
        write_speech(microphone)
        with hosting("visavis") as address, chromium(camera, microphone) as browser:
            if options.one:
                for_readme(browser, address, options.folder)
            else:
                at_all_widths(browser, address, options.folder)
    return 0


def for_readme(browser: Browser, address: str, folder: Path) -> None:
    """Take the one that the README shows: of a face that keeps still, so that both halves fit."""
    page = called(browser, address, *SIZES["desktop"], "light")
    page.get_by_role("button", name="Split", exact=True).click()
    page.get_by_role("button", name="Surprise", exact=True).click()
    page.get_by_role("button", name="Measurements").click()
    page.mouse.move(2, 2)
    page.wait_for_timeout(3 * SETTLE)
    page.screenshot(path=folder / "page.jpg", type="jpeg", quality=82)
    page.context.close()


def at_all_widths(browser: Browser, address: str, folder: Path) -> None:
    """Take each width, light and dark, before and in a call, and the panel's other pages."""
    for name, (width, height) in SIZES.items():
        for scheme in SCHEMES:
            page = opened(browser, address, width, height, scheme)
            page.screenshot(path=folder / f"{name}-{scheme}-before.png")
            begin(page)
            page.get_by_role("button", name="Happy", exact=True).click()
            page.wait_for_timeout(SETTLE)
            page.screenshot(path=folder / f"{name}-{scheme}-live.png")
            page.get_by_role("button", name="Measurements").click()
            page.get_by_role("button", name="Split", exact=True).click()
            page.get_by_role("slider", name="Or a feeling").press("Shift+ArrowUp")
            page.wait_for_timeout(SETTLE)
            page.screenshot(path=folder / f"{name}-{scheme}-split.png")
            page.get_by_role("button", name="Measurements").click()
            page.get_by_role("button", name="Side by side").click()
            for tab in TABS:
                page.get_by_role("tab", name=tab).click()
                page.screenshot(path=folder / f"{name}-{scheme}-{tab.lower()}.png")
            page.context.close()


def opened(
    browser: Browser, address: str, width: int, height: int, scheme: Literal["light", "dark"]
) -> Page:
    """Open the page as it first is."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address)
    page.wait_for_timeout(300)
    return page


def begin(page: Page) -> None:
    """Begin a call."""
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_selector("#stage.live", timeout=30_000)


def called(
    browser: Browser, address: str, width: int, height: int, scheme: Literal["light", "dark"]
) -> Page:
    """Open the page and begin a call."""
    page = opened(browser, address, width, height, scheme)
    begin(page)
    return page


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))

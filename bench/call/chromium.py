"""A real headless Chromium with a file for a camera and a file for a microphone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from realtime.commands.errors import CommandError, Exit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--allow-loopback-in-peer-connection",  # so that a machine without a network can measure
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)

WATCH = Path(__file__).with_name("watch.js")


def find() -> str | None:
    """Return the path of a Chromium: $CHROMIUM, or the first that the system has."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def chromium(camera: Path, microphone: Path) -> Generator[Browser, None, None]:
    """Start a browser that films ``camera`` and hears ``microphone``.

    Raises:
        CommandError: there is no Chromium, or nothing to drive it with.
    """
    path = find()
    if path is None:
        raise CommandError("no Chromium was found; install it or set CHROMIUM", Exit.MISSING)
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError as error:
        raise CommandError(
            "pip install playwright, to drive Chromium with", Exit.MISSING
        ) from error
    files = (
        f"--use-file-for-fake-video-capture={camera}",
        f"--use-file-for-fake-audio-capture={microphone}",
    )
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=[*FLAGS, *files])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def watched_page(browser: Browser, address: str) -> Generator[Page, None, None]:
    """Open the page at ``address`` with ``watch.js`` in it."""
    with page_with(browser, address, WATCH) as page:
        yield page


@contextmanager
def page_with(browser: Browser, address: str, *scripts: Path) -> Generator[Page, None, None]:
    """Open the page at ``address`` with ``scripts`` in it, which run before the page's own."""
    # A watcher's worker is made on the spot, which the page's own policy rightly forbids.
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    for script in scripts:
        context.add_init_script(path=script)
    try:
        page = context.new_page()
        page.goto(address)
        yield page
    finally:
        context.close()

"""The page in a call: what its controls do to the picture, and what if the server goes."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Literal

import av
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bench.call.chromium import watched_page
from realtime.face.tracker import Tracker
from realtime.picture import from_rgb
from tests.browser.fake_server import pressed, start
from tests.browser.serving import free_port, served
from tests.browser.test_call import RAMP, mouth, returned

pytestmark = pytest.mark.browser


class Server:
    """A server that can be taken away and comes back under the same address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "recordings"
        self._config = folder / "visavis.toml"
        self._config.write_text(
            f'[server]\nsessions = 1\n[recording]\nfolder = "{self.folder.as_posix()}"\n'
        )
        self._port = free_port()
        self._run: AbstractContextManager[str] | None = None

    def start(self) -> str:
        self._run = served(self._port, self._config)
        return self._run.__enter__()

    def stop(self) -> None:
        if self._run is not None:
            self._run.__exit__(None, None, None)
        self._run = None


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server, None, None]:
    server = Server(tmp_path_factory.mktemp("server"))
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def live(browser: Browser, server: Server) -> Generator[Page, None, None]:
    """A page in the middle of a call."""
    with watched_page(browser, server.start()) as page:
        page.get_by_role("button", name="Split", exact=True).click()
        start(page)
        page.wait_for_selector("#stage.live", timeout=30_000)
        page.evaluate("watch.begin()")
        yield page


@pytest.fixture(autouse=True)
def plain(live: Page) -> None:
    """Each test begins with the face as it is, on the first tab."""
    live.get_by_role("tab", name="Face").click()
    live.get_by_label("Intensity", exact=True).fill("1")
    live.get_by_role("button", name="Off", exact=True).click()


@pytest.fixture(scope="module")
def tracker() -> Generator[Tracker, None, None]:
    tracker = Tracker("largest", still=True)
    yield tracker
    tracker.close()


def lift(page: Page, tracker: Tracker) -> float:
    """Return how far the mouth's corners are up, once an edit has reached the face."""
    page.wait_for_timeout(RAMP)
    lifts: list[float] = []
    for _ in range(3):
        (face,) = tracker(from_rgb(returned(page)))
        lifts.append(mouth(face.points)[1])
    return float(np.median(lifts))


@pytest.fixture(scope="module")
def own(live: Page, tracker: Tracker) -> float:
    """The lift of the face as it is."""
    return lift(live, tracker)


def test_the_measurements_tell_of_picture_sound_and_line(live: Page) -> None:
    live.get_by_role("button", name="Measurements").click()
    rows = live.locator("#hud-rows")
    for term in ("fps", "rung", "age of picture", "A/V offset", "dropped", "faces"):
        expect(rows).to_contain_text(term)
    expect(rows).to_contain_text(re.compile(r"bitrate↑ \d\.\d · ↓ \d\.\d Mbit/s"))
    stage = rows.locator(".stage-time", has_text="find the face")
    expect(stage).to_contain_text(re.compile(r"p50 \d+\.\d · p95 \d+\.\d ms"))
    assert (
        float(stage.locator(".bar").evaluate("e => parseFloat(e.style.getPropertyValue('--p50'))"))
        > 0
    )
    expect(live.locator("#hud-brief")).to_have_text(re.compile(r"\d+ fps · \d+ ms"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_mend_in_a_call(live: Page, scheme: Literal["light", "dark"]) -> None:
    live.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = Axe().run(live)
    assert not found.response["violations"], found.generate_report()


def test_the_pad_moves_the_face(live: Page, tracker: Tracker, own: float) -> None:
    pad = live.get_by_role("slider", name="Or a feeling in between")
    box = pad.bounding_box()
    assert box is not None
    live.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    live.mouse.down()
    live.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.33 * box["height"], steps=8)
    live.mouse.up()
    expect(pad).to_have_attribute("aria-valuetext", re.compile("pleasant 0.[78]., lively 0.3."))
    expect(live.get_by_role("button", name="Off", exact=True)).to_have_attribute(
        "aria-pressed", "false"
    )
    assert lift(live, tracker) > own + 0.015


def test_a_region_at_zero_keeps_its_part_of_the_face(
    live: Page, tracker: Tracker, own: float
) -> None:
    live.get_by_text("Where and how fast").click()
    live.get_by_label("Mouth", exact=True).fill("0")
    live.get_by_role("button", name="Happy", exact=True).click()
    assert lift(live, tracker) == pytest.approx(own, abs=0.014)
    live.get_by_label("Mouth", exact=True).fill("1")
    assert lift(live, tracker) > own + 0.015


def test_neutral_leaves_a_face_alone_that_was_said_to_rest(
    live: Page, tracker: Tracker, own: float
) -> None:
    neutral = live.get_by_role("button", name="Neutral", exact=True)
    neutral.click()
    assert lift(live, tracker) < own - 0.015  # the portrait smiles
    live.get_by_role("button", name="This is my resting face").click()
    expect(live.get_by_role("status").first).to_have_text(re.compile("Hold still"))
    live.wait_for_timeout(1000)
    assert lift(live, tracker) == pytest.approx(own, abs=0.012)


def test_panic_gives_the_own_face_back(live: Page, tracker: Tracker, own: float) -> None:
    live.get_by_role("button", name="Happy", exact=True).click()
    live.wait_for_timeout(500)
    live.keyboard.press("Escape")
    pressed(live, "Off")
    assert lift(live, tracker) == pytest.approx(own, abs=0.014)


def test_a_frozen_picture_stands_still_and_thaws(live: Page) -> None:
    def moves() -> bool:
        first = returned(live).astype(float)
        live.wait_for_timeout(500)
        second = returned(live).astype(float)
        return first.shape != second.shape or float(np.abs(second - first).mean()) > 2

    def soon(moving: bool) -> bool:
        return any(moves() is moving for _ in range(8))  # what is on its way arrives first

    freeze = live.get_by_role("button", name="Freeze")
    freeze.click()
    expect(live.get_by_text("Frozen", exact=True)).to_be_visible()
    assert soon(moving=False)
    freeze.click()
    expect(live.get_by_text("Frozen", exact=True)).to_be_hidden()
    assert soon(moving=True)


def test_the_badge_leaves_the_picture_when_it_is_switched_off(live: Page) -> None:
    def edges() -> float:
        """How much detail there is in the badge's corner: letters have more than a backdrop."""
        live.wait_for_timeout(600)
        corner = returned(live)[-40:, -160:].mean(axis=2)
        return float(np.abs(np.diff(corner, axis=1)).mean())

    live.get_by_role("button", name="Happy", exact=True).click()
    labelled = edges()
    live.get_by_role("tab", name="Limits").click()
    live.get_by_role("switch", name="Badge").uncheck()
    bare = edges()
    live.get_by_role("switch", name="Badge").check()
    assert labelled > 2 * bare


def test_the_edge_is_dragged_and_the_mirror_turns_the_picture(live: Page) -> None:
    stage = live.locator("#stage").bounding_box()
    assert stage is not None
    middle = stage["y"] + stage["height"] / 2
    live.mouse.move(stage["x"] + stage["width"] / 2, middle)
    live.mouse.down()
    live.mouse.move(stage["x"] + 0.75 * stage["width"], middle, steps=5)
    live.mouse.up()
    clip = live.locator("#after-view").evaluate("e => getComputedStyle(e).clipPath")
    left = re.fullmatch(r"inset\(0px 0px 0px ([\d.]+)%\)", clip)
    assert left is not None
    assert float(left[1]) == pytest.approx(75, abs=1)
    live.get_by_role("button", name="Mirror").click()
    turned = "e => new DOMMatrix(getComputedStyle(e).transform).a"
    assert [live.locator(f"#{name}").evaluate(turned) for name in ("before", "after")] == [-1, -1]
    live.get_by_role("button", name="Mirror").click()


def test_limits_hold_whoever_asks(live: Page) -> None:
    live.get_by_role("tab", name="Limits").click()
    live.get_by_label("No more than").fill("0.3")
    live.get_by_role("tab", name="Face").click()
    live.get_by_role("button", name="Angry", exact=True).click()
    live.get_by_label("Intensity", exact=True).fill("1")
    expect(live.get_by_label("Intensity", exact=True)).to_have_value("0.3")
    live.get_by_role("tab", name="Limits").click()
    live.get_by_role("button", name="Allow everything").click()
    live.wait_for_timeout(400)
    live.get_by_role("tab", name="Face").click()
    live.get_by_label("Intensity", exact=True).fill("1")
    live.wait_for_timeout(600)
    expect(live.get_by_label("Intensity", exact=True)).to_have_value("1")


def test_a_preset_sets_the_whole_edit(live: Page) -> None:
    live.get_by_role("group", name="Presets").get_by_role("button", name="Friendly").click()
    pressed(live, "Happy")
    expect(live.get_by_label("Intensity", exact=True)).not_to_have_value("1")


def test_the_returned_stream_is_recorded_here(live: Page, tmp_path: Path) -> None:
    record = live.get_by_role("button", name="Record", exact=True)
    record.click()
    expect(record).to_have_attribute("aria-pressed", "true")
    expect(live.locator("#recorded")).to_have_text("0:01")
    with live.expect_download() as download:
        record.click()
    file = tmp_path / "recorded.webm"
    download.value.save_as(file)
    assert re.fullmatch(r"visavis-[\d-]+\.webm", download.value.suggested_filename)
    with closing(av.open(str(file), mode="r")) as recorded:
        kinds = [stream.type for stream in recorded.streams]
        pictures = sum(1 for _ in recorded.decode(video=0))
    assert sorted(kinds) == ["audio", "video"]
    assert pictures > 3, "however busy the machine"


def test_dry_wet_and_edit_are_recorded_on_the_server(live: Page) -> None:
    live.get_by_role("tab", name="Recording").click()
    live.get_by_label("Original picture").check()
    live.get_by_role("button", name="Record on the server").click()
    expect(live.locator(".on-recording")).to_be_visible()
    live.wait_for_timeout(1200)
    live.get_by_role("button", name="Record on the server").click()
    links = live.locator("#files-there a")
    expect(links).not_to_have_count(0)
    expect(live.locator(".on-recording")).to_be_hidden()
    lengths = links.evaluate_all(
        "all => Promise.all(all.map(async ({ href }) => (await (await fetch(href)).blob()).size))"
    )
    assert len(lengths) >= 3
    assert min(lengths) > 0


def test_loudspeaker_and_microphone_are_chosen(live: Page) -> None:
    live.get_by_role("tab", name="Devices").click()
    speaker = live.get_by_label("Loudspeaker")
    chosen = speaker.locator("option").last.get_attribute("value")
    assert chosen
    speaker.select_option(chosen)
    live.wait_for_timeout(200)
    assert live.evaluate("document.getElementById('after').sinkId") == chosen
    live.get_by_role("switch", name="Hear yourself").check()
    assert live.evaluate("document.getElementById('after').muted") is False
    live.get_by_role("switch", name="Hear yourself").uncheck()
    live.get_by_label("Microphone").select_option("none")
    live.wait_for_selector("#stage:not(.live)", state="attached")
    live.wait_for_selector("#stage.live", timeout=15_000)
    assert live.evaluate("document.getElementById('after').srcObject.getAudioTracks().length") == 0
    live.get_by_label("Size").select_option("640x480")
    live.wait_for_timeout(300)
    assert live.evaluate("document.getElementById('before').srcObject.getTracks().length") == 1
    expect(live.locator("#stage")).to_have_class(re.compile("live"))


def test_a_second_page_waits_for_its_place_and_then_is_quick(live: Page, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(live.url)
    start(page)
    expect(page.get_by_role("alert")).to_contain_text("All places (1) are taken")
    expect(page.locator("#countdown")).to_contain_text("Trying again in")
    live.get_by_role("button", name="Stop").click()
    live.wait_for_timeout(500)
    page.get_by_role("button", name="Try now").click()
    page.wait_for_selector("#stage.live", timeout=15_000)
    page.get_by_role("button", name="Measurements").click()
    row = page.locator("#hud-rows div", has_text="first picture")
    expect(row).to_contain_text(re.compile(r"after \d+\.\d s"))
    spent = re.search(r"[\d.]+", row.inner_text())
    assert spent is not None
    assert float(spent[0]) <= 3.0, "seconds from the open camera to the first edited picture"
    context.close()
    start(live)
    live.wait_for_selector("#stage.live", timeout=20_000)


def test_a_server_that_comes_back_gives_the_picture_back(
    live: Page, server: Server, tracker: Tracker, own: float
) -> None:
    live.get_by_role("button", name="Sad", exact=True).click()
    live.evaluate("window.stayed = true")
    server.stop()
    expect(live.get_by_role("alert")).to_contain_text("connection to the server was lost")
    expect(live.locator("#countdown")).to_have_text(re.compile(r"Trying again in \d+ s\."))
    assert live.evaluate("document.getElementById('before').srcObject.active"), "still filming"
    held = live.evaluate(
        "() => { const c = document.getElementById('last');"
        " return Array.from(c.getContext('2d').getImageData(0, c.height / 2, c.width, 1).data); }"
    )
    assert np.ptp(held[::4]) > 100, "the last picture stays"
    server.start()
    live.get_by_role("button", name="Try now").click()
    live.wait_for_selector("#stage.live", timeout=20_000)
    expect(live.get_by_role("alert")).to_be_hidden()
    assert live.evaluate("window.stayed") is True, "without a reload"
    pressed(live, "Sad")
    assert lift(live, tracker) < own - 0.015, "the edit came along"

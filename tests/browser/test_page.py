"""The page before and without a call: names, keys, widths, and what axe has to say."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from realtime.face.emotion import CIRCUMPLEX
from realtime.types import Emotion
from tests.browser.fake_server import pressed

pytestmark = pytest.mark.browser

WIDTHS = (360, 820, 1400)
VIEWS = ("Before", "Split", "Side by side", "After")
TABS = ("Face", "Voice", "Limits", "Devices", "Recording", "Keys")


def test_every_control_is_found_by_its_name(page: Page) -> None:
    for emotion in Emotion:
        button = page.get_by_role("button", name=emotion.value.capitalize(), exact=True)
        expect(button).to_have_attribute("aria-pressed", "false")
    pressed(page, "Off")
    slider = page.get_by_role("slider", name="Intensity", exact=True)
    assert [slider.get_attribute(name) for name in ("min", "max")] == ["-1", "1.5"]
    for tab in TABS:
        page.get_by_role("tab", name=tab).click()
        for summary in page.locator("summary:visible").all():
            summary.click()
        named = page.locator("main").aria_snapshot()
        kinds = "button|slider|checkbox|switch|combobox"
        unnamed = re.findall(rf"- (?:{kinds})(?: \[.*)?:?$", named, re.MULTILINE)
        assert not unnamed


def test_the_pads_feelings_lie_where_the_filter_has_them(page: Page) -> None:
    places = page.locator("#pad [data-at]").evaluate_all(
        "all => all.map(({ dataset: d }) => [d.at, Number(d.valence), Number(d.arousal)])"
    )
    assert {word: (v, a) for word, v, a in places} == {
        emotion.value: point for emotion, point in CIRCUMPLEX.items()
    }


@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_the_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for view in VIEWS:
        page.get_by_role("button", name=view, exact=True).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    for tab in TABS:
        page.get_by_role("tab", name=tab).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for control in page.locator("button:visible, select:visible, [role=switch]:visible").all():
            box = control.evaluate(
                "e => (e.closest('label') ?? e).getBoundingClientRect().toJSON()"
            )
            assert box["left"] >= 0
            assert box["right"] <= width
            assert box["height"] >= 44, "large enough for a finger"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_mend(page: Page, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for tab in TABS if width == WIDTHS[0] else TABS[:3]:
            page.get_by_role("tab", name=tab).click()
            found = Axe().run(page)
            assert not found.response["violations"], found.generate_report()


# Keys


FOCUSED = """name => {
  const e = document.activeElement;
  const label = e.labels?.[0] ?? document.getElementById(e.getAttribute("aria-labelledby"));
  return (e.getAttribute("aria-label") ?? label?.textContent ?? e.textContent).trim() === name;
}"""


def tab_to(page: Page, name: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED, name):
            return
    raise AssertionError(f"Tab does not reach {name!r}")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_the_keyboard_alone_is_enough(page: Page) -> None:
    """From the top of the page by Tab and arrows: start, compare, limit, choose, move, stop."""
    tab_to(page, "Start")
    press(page, "Enter")
    page.wait_for_selector("#stage.live", timeout=20_000)
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    tab_to(page, "Split")
    press(page, "Enter")
    page.locator("body").focus()
    tab_to(page, "Edge between before and after")
    press(page, "Home", "ArrowRight")
    edge = page.get_by_role("slider", name="Edge between before and after")
    expect(edge).to_have_attribute("aria-valuenow", "2")
    tab_to(page, "Face")
    press(page, "ArrowRight", "ArrowRight")
    expect(page.get_by_role("tab", name="Limits")).to_be_focused()
    tab_to(page, "No more than")
    press(page, "ArrowLeft")
    expect(page.get_by_label("No more than")).to_have_value("1.45")
    press(page, "Shift+Tab", "Shift+Tab", "Home")
    tab_to(page, "Sad")
    press(page, "Enter")
    pressed(page, "Sad")
    tab_to(page, "Or a feeling in between")
    press(page, "Home", "Shift+ArrowRight", "ArrowUp")
    pad = page.get_by_role("slider", name="Or a feeling in between")
    expect(pad).to_have_attribute("aria-valuetext", "pleasant 0.25, lively 0.05")
    sad = page.get_by_role("button", name="Sad", exact=True)
    expect(sad).to_have_attribute("aria-pressed", "false")
    tab_to(page, "Stop")
    press(page, "Enter")
    expect(page.get_by_role("button", name="Start")).to_be_focused()


def test_a_resting_face_must_be_seen(page: Page) -> None:
    page.get_by_role("button", name="This is my resting face").click()
    expect(page.locator("#status")).to_contain_text("Press Start first")


def test_single_keys_do_what_the_list_of_keys_says(page: Page) -> None:
    press(page, "2")
    pressed(page, "Happy")
    press(page, "0")
    pressed(page, "Off")
    press(page, "m")
    pressed(page, "Mirror")
    press(page, "v")
    pressed(page, "Before")
    press(page, "h")
    expect(page.locator("#hud-toggle")).to_have_attribute("aria-expanded", "true")


def test_single_keys_can_be_switched_off_but_not_panic(page: Page) -> None:
    page.get_by_role("tab", name="Keys").click()
    page.get_by_role("switch", name="Single keys").uncheck()
    page.reload()
    page.keyboard.press("2")
    pressed(page, "Off")
    page.get_by_role("button", name="Happy", exact=True).click()
    page.keyboard.press("Escape")
    pressed(page, "Off")

"""The page's part in following a voice: what it asks for, and how it takes the answers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fake_server import FakeServer, start

pytestmark = pytest.mark.browser


def test_the_page_tells_what_is_set_and_begins_a_call_with_it(page: Page) -> None:
    fake = FakeServer(page)
    page.get_by_role("tab", name="Voice").click()
    page.get_by_role("switch", name="Keep calm").check()
    page.get_by_label("Strength").fill("1.2")
    start(page)
    assert fake.called(1)
    said = fake.last("follow")
    assert (said["follow"], said["calm"], said["strength"]) == ("off", True, 1.2)
    assert said["map"]["neutral"] == "own"
    page.get_by_label("Sad", exact=True).select_option("own")
    assert fake.last("follow")["map"]["sad"] == "own"
    page.keyboard.press("Escape")
    expect(page.get_by_role("switch", name="Keep calm")).not_to_be_checked()


def test_the_page_follows_what_others_set_and_names_what_is_not_heard(page: Page) -> None:
    fake = FakeServer(page)
    start(page)
    assert fake.called(1)
    page.get_by_role("tab", name="Voice").click()
    fake.tell("follow", follow="voice", calm=False, strength=0.4, map={"angry": "calm"})
    expect(page.get_by_role("switch", name="Follow my voice")).to_be_checked()
    expect(page.get_by_label("Strength")).to_have_value("0.4")
    expect(page.get_by_label("Angry", exact=True)).to_have_value("calm")
    heard = {"emotion": None, "confidence": 0, "valence": 0, "arousal": 0, "probabilities": None}
    for name in ("no microphone", "no speech", "unsure"):
        voice_told = {"hears": name, **heard, "shows": None, "intensity": 0}
        fake.tell("telemetry", fps_in=30, fps_out=30, voice=voice_told, stages_ms={}, faces=1)
        expect(page.locator("#voice-now")).to_contain_text(f"Heard: {name}.")

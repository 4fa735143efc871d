"""What the page says to a server, how it takes the answers, and what it does when all fails."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fake_server import FakeServer, pressed, start

pytestmark = pytest.mark.browser


@pytest.fixture
def server(page: Page) -> FakeServer:
    """A server that says hello and answers nothing; the page calls it."""
    server = FakeServer(page)
    start(page)
    expect(page.get_by_role("button", name="Stern")).to_be_attached()
    return server


def test_an_edit_made_before_the_call_is_the_first_thing_said(page: Page) -> None:
    page.get_by_role("button", name="Sad", exact=True).click()
    page.get_by_label("Intensity", exact=True).fill("0.5")
    server = FakeServer(page)
    start(page)
    expect(page.get_by_role("button", name="Stern")).to_be_attached()
    server.tell("edit", emotion=None, intensity=1, valence=None, arousal=None, ramp_ms=250)
    edit = server.last("edit")
    assert (edit["emotion"], edit["intensity"]) == ("sad", 0.5)
    page.wait_for_timeout(500)
    pressed(page, "Sad")


def test_what_others_do_is_shown(page: Page, server: FakeServer) -> None:
    server.tell("edit", emotion="fear", intensity=0.4, valence=None, arousal=None, brows=0.2)
    pressed(page, "Fear")
    expect(page.get_by_label("Intensity", exact=True)).to_have_value("0.4")
    expect(page.get_by_label("Brows", exact=True)).to_have_value("0.2")
    server.tell("edit", emotion=None, intensity=0.4, valence=-0.5, arousal=0.25)
    pad = page.get_by_role("slider", name="Or a feeling in between")
    expect(pad).to_have_attribute("aria-valuetext", "pleasant \N{MINUS SIGN}0.50, lively 0.25")
    server.tell("show", frozen=True, badge=False, mark=True)
    pressed(page, "Freeze")
    expect(page.get_by_text("Frozen", exact=True)).to_be_visible()
    expect(page.locator("#badge")).not_to_be_checked()


def test_limits_are_told_kept_and_shown(page: Page, server: FakeServer) -> None:
    page.get_by_role("tab", name="Limits").click()
    page.get_by_label("No more than").fill("0.6")
    page.get_by_label("No less than").fill("0.8")
    expect(page.get_by_label("No more than")).to_have_value("0.8")
    page.get_by_role("group", name="Never show").get_by_role("button", name="Happy").click()
    told = {"type": "bounds", "lowest": 0.8, "highest": 0.8, "forbidden": ["happy"]}
    assert server.last("bounds") == told
    page.get_by_role("tab", name="Face").click()
    happy = page.get_by_role("button", name="Happy", exact=True)
    expect(happy).to_have_attribute("aria-disabled", "true")
    happy.click(force=True)
    pressed(page, "Off")
    server.tell("bounds", lowest=0.8, highest=0.8, forbidden=["happy", "fear"], emotions={})
    page.get_by_role("tab", name="Limits").click()
    expect(page.get_by_text("The server's own limits are tighter")).to_be_visible()
    page.reload()
    start(page)
    assert server.called(2)
    assert server.last("bounds") == told, "said again to the next call"


def test_a_slider_that_is_dragged_does_not_flood_the_server(page: Page, server: FakeServer) -> None:
    slider = page.get_by_label("Intensity", exact=True)
    slider.evaluate(
        "async (s) => { for (let i = 0; i < 100; i += 1) { s.value = i / 100;"
        " s.dispatchEvent(new Event('input')); await new Promise((r) => setTimeout(r, 4)); } }"
    )
    assert server.last("edit")["intensity"] == 1.0, "the last is never lost"
    assert len([m for m in server.said if m["type"] == "edit"]) < 20


def test_the_token_leaves_the_address_and_goes_with_the_call(page: Page, address: str) -> None:
    server = FakeServer(page)
    page.goto(f"{address}#token=s3cret_T-1")
    page.reload()
    page.wait_for_load_state()
    assert page.url.rstrip("#") == address
    start(page)
    expect(page.get_by_role("button", name="Stern")).to_be_attached()
    assert server.protocols == ["visavis.1", "visavis.token.s3cret_T-1"]
    assert "s3cret" not in page.evaluate("JSON.stringify(localStorage)")


# What goes wrong


def refuse_camera(page: Page, error: str) -> None:
    page.evaluate(
        "name => { navigator.mediaDevices.getUserMedia = async () => {"
        " throw new DOMException('', name); }; }",
        error,
    )


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("NotAllowedError", "The camera was not allowed"),
        ("NotFoundError", "No camera was found"),
        ("NotReadableError", "in use by another program"),
    ],
)
def test_a_camera_that_cannot_be_had_is_explained(page: Page, error: str, says: str) -> None:
    refuse_camera(page, error)
    start(page)
    expect(page.get_by_role("alert")).to_contain_text(says)
    expect(page.get_by_role("button", name="Start")).to_be_enabled()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    refuse_camera(page, "NotReadableError")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_contain_text("in use by another program")


def test_a_page_that_gets_no_camera_for_want_of_https_says_so_at_once(page: Page) -> None:
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("https or localhost")
    start(page)
    expect(page.get_by_role("alert")).to_contain_text("https or localhost")


def test_a_wrong_token_is_asked_for(page: Page, server: FakeServer) -> None:
    server.tell("error", message="That token is not the server's.", final=True, code="token")
    expect(page.get_by_role("alert")).to_have_text("That token is not the server's.")
    page.get_by_label("Token").fill("right")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_role("alert")).to_be_hidden()
    assert server.called(2)
    assert server.protocols[1:] == ["visavis.token.right"]


def test_a_busy_server_is_tried_again_by_itself_and_on_demand(
    page: Page, server: FakeServer
) -> None:
    server.tell("error", message="All places (1) are taken.", final=True, code="busy")
    expect(page.get_by_role("alert")).to_have_text("All places (1) are taken.")
    expect(page.locator("#countdown")).to_have_text(re.compile(r"Trying again in \d s\."))
    page.get_by_role("button", name="Try now").click()
    expect(page.get_by_role("alert")).to_be_hidden()
    assert server.called(2)
    server.close(1012)  # as a server that restarts does
    expect(page.get_by_role("alert")).to_contain_text("connection to the server was lost")
    expect(page.get_by_role("alert")).to_be_hidden(timeout=6000)
    assert server.called(3)
    assert page.evaluate("document.getElementById('before').srcObject.active"), "still filming"


def test_a_call_whose_time_is_over_is_not_begun_again(page: Page, server: FakeServer) -> None:
    server.tell("error", message="This call ends in a minute.", final=False, code="time")
    expect(page.get_by_role("alert")).to_have_text("This call ends in a minute.")
    server.tell("error", message="It has lasted its time.", final=True, code="ended")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    expect(page.get_by_role("button", name="Start")).to_be_visible()
    assert server.calls == 1


def test_a_camera_that_is_unplugged_is_opened_again_when_it_returns(
    page: Page, server: FakeServer
) -> None:
    page.evaluate(
        "() => { const [track] = document.getElementById('before').srcObject.getVideoTracks();"
        " window.old = track.id; track.stop(); track.dispatchEvent(new Event('ended')); }"
    )
    expect(page.get_by_role("alert")).to_contain_text("The camera is gone")
    page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    expect(page.get_by_role("alert")).to_be_hidden()
    [track] = page.evaluate(
        "document.getElementById('before').srcObject.getVideoTracks()"
        ".map(({ id, readyState }) => [id, readyState])"
    )
    assert track[1] == "live"
    assert track[0] != page.evaluate("window.old")
    assert server.calls == 1, "the call went on"

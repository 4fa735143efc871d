"""What the page tells of a generator: that it ran, on what, and how long it took."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fake_server import FakeServer, start

pytestmark = pytest.mark.browser

STAGES = {"generator": {"p50": 3.0, "p95": 4.0}, "blend": {"p50": 1.5, "p95": 2.2}}
MESH: dict[str, object] = {
    "name": "face_mesh_attention",
    "runs_on": "openvino on CPU",
    "not_on": {},
}
GENERATOR: dict[str, object] = {
    "name": "live_generator",
    "runs_on": "onnxruntime on CPU",
    "not_on": {},
}


def test_the_measurements_name_the_generators_rung_place_and_stages(page: Page) -> None:
    fake = FakeServer(page)
    start(page)
    assert fake.called(1)
    page.keyboard.press("h")
    rows = page.locator("#hud-rows")

    def told(rung: str, networks: list[dict[str, object]]) -> None:
        fields = {"fps_in": 30, "fps_out": 30, "dropped": 0, "faces": 1, "stages_ms": STAGES}
        fake.tell("telemetry", rung=rung, networks=networks, **fields)

    told("generator", [GENERATOR, MESH])
    expect(rows).to_contain_text("edit and generator")
    expect(rows.locator("div", has_text="generator on")).to_contain_text("onnxruntime on CPU")
    expect(rows.locator("div", has_text="face found on")).to_contain_text("openvino on CPU")
    expect(rows.locator("div", has_text="blend it in")).to_contain_text("p50 1.5 · p95 2.2 ms")
    told("geometric", [MESH])
    expect(rows).to_contain_text("whole edit")
    expect(rows).not_to_contain_text("generator on")

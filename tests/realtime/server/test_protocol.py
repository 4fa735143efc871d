"""docs/protocol.md against the code: what it shows works, and nothing is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from realtime.bounds import Bounds
from realtime.server.allowance import BURST, RATE
from realtime.server.messages import (
    MAX_MESSAGE,
    MAX_SDP,
    PROTOCOL,
    REQUESTS,
    BoundsChange,
    EditChange,
    FollowChange,
    Ping,
    RecordChange,
    ShowChange,
    parse,
)
from realtime.server.replies import (
    Hello,
    Recording,
    answer_message,
    bounds_message,
    edit_message,
    error_message,
    follow_message,
    hello_message,
    pong_message,
    recording_message,
    show_message,
)
from realtime.server.telemetry import Telemetry
from realtime.stage import Percentiles
from realtime.types import Edit, Show
from realtime.voice.follow import Follow

TEXT = (Path(__file__).parents[3] / "docs/protocol.md").read_text(encoding="utf-8")
ASKED, _, TOLD = TEXT.partition("## To the server")[2].partition("## From the server")


def examples(text: str) -> Iterator[dict[str, Any]]:
    for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL):
        yield json.loads(block)


SAID = [
    hello_message(Hello("1", "s", ("off",), ice_servers=[])),
    answer_message("v=0"),
    edit_message(Edit()),
    show_message(Show()),
    follow_message(Follow()),
    bounds_message(Bounds()),
    recording_message(Recording(on=False, error="Full.")),
    pong_message(1.0),
    error_message("No."),
    error_message("No.", final=True, code="busy"),
    Telemetry(0, 0, Percentiles(1, 2), {}, None, 0, 0, 0, 0).as_message(),
]


def test_every_request_is_shown_and_each_example_is_understood() -> None:
    shown = list(examples(ASKED))
    assert {example["type"] for example in shown} == set(REQUESTS)
    for example in shown:
        parse(json.dumps(example))


def test_the_examples_name_every_field_that_may_be_asked() -> None:
    named: dict[str, set[str]] = {}
    for example in examples(ASKED):
        named.setdefault(example.pop("type"), set()).update(example)
    assert named["edit"] == {f.name for f in fields(Edit)} - {"affect"} | {
        "valence",
        "arousal",
    }
    assert named["follow"] == {field.name for field in fields(Follow)}
    assert named["bounds"] == {field.name for field in fields(Bounds)}
    assert named["record"] == {field.name for field in fields(RecordChange)}
    assert named["ping"] == {field.name for field in fields(Ping)}
    section = ASKED.partition("### show")[2].partition("###")[0]
    assert all(f"`{field.name}`" in section for field in fields(ShowChange))


def test_each_reply_is_shown_with_the_fields_that_it_has() -> None:
    shown = [(example["type"], set(example)) for example in examples(TOLD)]
    assert {kind for kind, _ in shown} == {message["type"] for message in SAID}
    assert [(m["type"], set(m)) for m in SAID if (m["type"], set(m)) not in shown] == []


def test_numbers_and_names_are_those_of_the_code() -> None:
    assert f"`{PROTOCOL}`" in TEXT
    assert f"{MAX_MESSAGE:,}" in TEXT
    assert f"{MAX_SDP:,}" in TEXT
    assert f"{RATE:g} messages a second for long and {BURST:g} at once" in " ".join(TEXT.split())


def test_every_code_of_an_error_is_explained() -> None:
    source = Path(__file__).parents[3] / "realtime/server"
    code = r'(?:code=|CallError\([^)]*?, )"([a-z-]+)"'
    used = {c for path in source.glob("*.py") for c in re.findall(code, path.read_text("utf-8"))}
    assert {"busy", "no-session", "ended"} <= used
    assert {c for c in used if f"| `{c}` |" not in TEXT} == set()


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ('{"type": "show", "frozen": false, "badge": true}', ShowChange(frozen=False, badge=True)),
        ('{"type": "record", "on": false}', RecordChange(on=False, what=("wet",))),
        ('{"type": "ping", "t": 3}', Ping(3.0)),
        ('{"type": "bounds", "highest": 0.5}', BoundsChange(Bounds(highest=0.5))),
        ('{"type": "edit"}', EditChange({})),
        ('{"type": "follow", "calm": true}', FollowChange({"calm": True})),
    ],
)
def test_what_is_left_out_keeps_its_default(text: str, means: object) -> None:
    assert parse(text) == means

from __future__ import annotations

import json

import pytest

from realtime.server.messages import (
    MAX_SDP,
    EditChange,
    MessageError,
    Offer,
    parse,
)
from realtime.server.replies import edit_message
from realtime.types import Edit, Emotion

BEFORE = Edit(Emotion.SAD, intensity=0.5, brows=0.3)


def after(**fields: object) -> Edit:
    change = parse(json.dumps({"type": "edit", **fields}))
    assert isinstance(change, EditChange)
    return change.apply(BEFORE)


def test_an_edit_changes_what_it_names_and_nothing_else() -> None:
    assert after(emotion="happy", intensity=0.8) == Edit(Emotion.HAPPY, 0.8, brows=0.3)
    assert after(mouth=0, ramp_ms=40) == Edit(Emotion.SAD, 0.5, brows=0.3, mouth=0.0, ramp_ms=40.0)
    assert after() == BEFORE


def test_null_takes_the_emotion_away() -> None:
    assert after(emotion=None).emotion is None


def test_a_point_replaces_a_word_and_a_word_a_point() -> None:
    assert after(valence=-0.5, arousal=1).affect == (-0.5, 1.0)
    assert after(valence=None, arousal=None).affect is None
    change = parse('{"type": "edit", "emotion": "fear"}')
    assert isinstance(change, EditChange)
    assert change.apply(Edit(affect=(0.1, 0.2))) == Edit(Emotion.FEAR)


def test_what_the_page_is_told_can_be_said_back() -> None:
    for edit in (BEFORE, Edit(affect=(0.25, -1.0)), Edit()):
        message = edit_message(edit)
        change = parse(json.dumps(message))
        assert isinstance(change, EditChange)
        assert change.apply(Edit(Emotion.ANGRY, 0.1)) == edit


def test_an_offer_carries_its_description() -> None:
    assert parse('{"type": "offer", "sdp": "v=0"}') == Offer("v=0")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "JSON"),
        ("[" * 50_000, "JSON"),
        ("3", "object"),
        ('{"type": "shout"}', '"type"'),
        ("{}", '"type"'),
        ('{"type": "offer"}', "sdp"),
        ('{"type": "offer", "sdp": 4}', "sdp"),
        (json.dumps({"type": "offer", "sdp": "v" * (MAX_SDP + 1)}), str(MAX_SDP)),
        ('{"type": "edit", "emotion": "hapy"}', "did you mean 'happy'"),
        ('{"type": "edit", "emotion": 7}', "emotion must be one of"),
        ('{"type": "edit", "intensity": 1.6}', "intensity must be -1 to 1.5"),
        ('{"type": "edit", "intensity": "1"}', "intensity must be a number"),
        ('{"type": "edit", "intensity": NaN}', "intensity must be a number"),
        ('{"type": "edit", "intensity": 1' + "0" * 400 + "}", "intensity must be a number"),
        ('{"type": "edit", "smile": null}', "unknown key 'smile'"),
        ('{"type": "ping"}', "t is missing"),
        ('{"type": "show", "frozen": 1}', "frozen must be true or false"),
        ('{"type": "show", "frozen": null}', "not null"),
        ('{"type": "record", "on": true, "what": ["all"]}', "must be one of wet, dry, edit"),
        ('{"type": "bounds", "lowest": 1, "highest": 0}', "lowest 1 is above highest 0"),
        ('{"type": "bounds", "highest": 2}', "highest must be -1 to 1.5"),
        ('{"type": "edit", "coefficients": {"jawOpne": 1}}', "did you mean 'jawOpen'"),
        ('{"type": "edit", "coefficients": {"jawOpen": 2}}', "must be 0 to 1"),
        ('{"type": "edit", "intensity": true}', "intensity must be a number"),
        ('{"type": "edit", "intensity": null}', "intensity cannot be null"),
        ('{"type": "edit", "brows": -0.1}', "brows must be 0 to 1"),
        ('{"type": "edit", "smile": 1}', "unknown key 'smile'"),
        ('{"type": "edit", "valence": 0.1}', "come together"),
        ('{"type": "edit", "valence": 0.1, "arousal": null}', "come together"),
        ('{"type": "edit", "valence": 2, "arousal": 0}', "-1 to 1"),
        ('{"type": "edit", "affect": [0, 0]}', "valence and arousal"),
        ("x" * 70_000, "long at most"),
    ],
)
def test_what_cannot_be_followed_is_answered_in_one_sentence(text: str, says: str) -> None:
    with pytest.raises(MessageError) as error:
        parse(text)
    assert says in str(error.value)
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)

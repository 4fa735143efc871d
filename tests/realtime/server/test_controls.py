"""What one session is asked to show: who may change it, what becomes of it, who hears of it."""

from __future__ import annotations

import json
from contextlib import ExitStack

import pytest

from realtime.bounds import Bounds
from realtime.server.controls import Change, Controls
from realtime.server.messages import MessageError, parse
from realtime.server.replies import Message, edit_message
from realtime.types import Edit, Emotion, Show
from realtime.voice.follow import Follow, Guide

SAD = Edit(Emotion.SAD, 0.7, mouth=0.5, ramp_ms=500.0)


class Face:
    """Obeys as a call does."""

    def __init__(self) -> None:
        self.edit = Edit(Emotion.FEAR)
        self.show = Show()
        self.guide = Guide()
        self.panics = 0
        self.rests = 0

    def panic(self) -> None:
        self.panics += 1

    def take_rest(self) -> None:
        self.rests += 1


def asked(**message: object) -> Change:
    request = parse(json.dumps(message))
    assert isinstance(request, Change)
    return request


@pytest.fixture
def controls() -> Controls:
    return Controls(SAD, Bounds(highest=1.0), {"calm": Edit(Emotion.HAPPY, 1.4)})


@pytest.fixture
def face(controls: Controls) -> Face:
    face = Face()
    controls.lead(face)
    return face


def test_who_comes_is_told_how_things_stand(controls: Controls) -> None:
    heard: list[Message] = []
    with controls.following(heard.append):
        assert [m["type"] for m in heard] == ["edit", "show", "follow", "bounds"]
        assert heard[0] == edit_message(SAD)
        assert heard[3]["highest"] == 1.0


def test_a_change_reaches_the_face_and_everybody_once(controls: Controls, face: Face) -> None:
    heard: list[list[Message]] = [[], []]
    with ExitStack() as stack:
        for ears in heard:
            stack.enter_context(controls.following(ears.append))
        controls.follow(asked(type="edit", emotion="happy", intensity=1.5), owner=False)
        assert [ears[4:] for ears in heard] == [[edit_message(controls.edit)]] * 2
    assert (face.edit.emotion, face.edit.intensity) == (Emotion.HAPPY, 1.0), "held to the bounds"
    controls.follow(asked(type="edit", emotion="sad"), owner=False)
    assert [len(ears) for ears in heard] == [5, 5], "who has left hears nothing"


def test_a_face_that_comes_later_obeys_what_was_asked_before(controls: Controls) -> None:
    controls.follow(asked(type="preset", name="calm"), owner=False)
    controls.follow(asked(type="show", frozen=True), owner=False)
    face = Face()
    controls.lead(face)
    assert face.edit == Edit(Emotion.HAPPY, 1.0)
    assert face.show == Show(frozen=True)


def test_panic_drops_the_emotion_and_keeps_the_rest_for_the_next(
    controls: Controls, face: Face
) -> None:
    controls.follow(asked(type="panic"), owner=False)
    assert face.panics == 1
    assert controls.panicking
    assert controls.edit.emotion is None
    controls.follow(asked(type="edit", emotion="happy"), owner=False)
    assert not controls.panicking
    assert face.edit == Edit(Emotion.HAPPY, 0.7, mouth=0.5, ramp_ms=500.0)


def test_a_resting_face_is_passed_on_to_the_call_and_changes_no_edit(controls: Controls) -> None:
    controls.follow(asked(type="rest"), owner=True)  # no call yet: nobody is seen
    face = Face()
    controls.lead(face)
    heard: list[Message] = []
    with controls.following(heard.append):
        controls.follow(asked(type="rest"), owner=False)
        controls.stream({"type": "rest"})
        assert (face.rests, face.edit, len(heard)) == (2, SAD, 4)


def test_the_page_may_tighten_what_the_settings_allow_and_take_that_back(
    controls: Controls, face: Face
) -> None:
    controls.follow(asked(type="bounds", highest=0.3), owner=True)
    assert face.edit.intensity == 0.3, "at once, not with the next edit"
    controls.follow(asked(type="bounds", highest=1.5), owner=True)
    assert controls.bounds.highest == 1.0, "the settings' bound stays"
    assert controls.edit.intensity == 0.3, "a former edit does not come back by itself"
    controls.follow(asked(type="bounds", forbidden=["sad"]), owner=True)
    assert face.edit.emotion is None


def test_bounds_that_leave_nothing_are_refused_and_change_nothing(controls: Controls) -> None:
    with pytest.raises(MessageError, match=r"do not allow these bounds.*\.$"):
        controls.follow(asked(type="bounds", lowest=1.2, highest=1.4), owner=True)
    assert controls.bounds == Bounds(highest=1.0)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "bounds", "highest": 1.5},
        {"type": "show", "badge": False},
        {"type": "show", "mark": False, "frozen": True},
    ],
)
def test_a_controller_may_not_loosen_bounds_or_hide_the_edit(
    controls: Controls, face: Face, message: dict[str, object]
) -> None:
    with pytest.raises(MessageError, match="Only the page"):
        controls.follow(asked(**message), owner=False)
    assert controls.bounds == Bounds(highest=1.0)
    assert face.show == Show()


def test_an_unknown_preset_is_named_with_the_nearest(controls: Controls) -> None:
    with pytest.raises(MessageError, match=r"no preset 'calmm' \(did you mean 'calm'"):
        controls.follow(asked(type="preset", name="calmm"), owner=False)


def test_the_face_follows_the_voice_as_far_as_its_bounds_go(controls: Controls, face: Face) -> None:
    heard: list[Message] = []
    with controls.following(heard.append):
        controls.follow(
            asked(type="follow", follow="voice", strength=0.5, map={"angry": "calm"}), owner=False
        )
        controls.follow(asked(type="follow", map={"sad": "own"}), owner=False)
    wanted = Follow(follow="voice", strength=0.5, map={"angry": "calm", "sad": "own"})
    assert face.guide == Guide(wanted, controls.bounds)
    assert heard[-1]["map"]["happy"] == "happy"  # pyright: ignore
    controls.follow(asked(type="bounds", forbidden=["happy"]), owner=True)
    assert face.guide.bounds.forbidden == (Emotion.HAPPY,)
    assert face.guide.follow == wanted


def test_panic_ends_the_following_until_it_is_asked_for_again(
    controls: Controls, face: Face
) -> None:
    controls.follow(asked(type="follow", follow="voice", calm=True), owner=True)
    heard: list[Message] = []
    with controls.following(heard.append):
        controls.follow(asked(type="panic"), owner=False)
        assert not face.guide.follow.on
        assert [m["type"] for m in heard[4:]] == ["follow", "edit"]
    controls.follow(asked(type="edit", emotion="sad"), owner=True)
    assert not face.guide.follow.on
    controls.follow(asked(type="follow", calm=True), owner=True)
    assert face.guide.follow.on


@pytest.mark.parametrize(
    "message",
    [
        {"follow": "face"},
        {"strength": 2},
        {"smoothing_ms": -1},
        {"map": {"contempt": "happy"}},
        {"map": {"angry": "glee"}},
        {"sure": None},
        {"loudness": 1},
    ],
)
def test_what_cannot_be_followed_is_refused(message: dict[str, object]) -> None:
    with pytest.raises(MessageError):
        asked(type="follow", **message)

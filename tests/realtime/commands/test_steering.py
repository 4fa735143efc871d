from __future__ import annotations

import pytest

from realtime.bounds import Bounds
from realtime.commands.steering import Steering
from realtime.config import Config
from realtime.types import PANIC, Edit, Emotion, Show


class Session:
    """As much of a session as is steered."""

    def __init__(self) -> None:
        self.edit = Edit(Emotion.HAPPY, 0.8, brows=0.3, ramp_ms=400.0)
        self.show = Show(badge=False)
        self.rests = 0

    def panic(self) -> None:
        self.edit = PANIC

    def take_rest(self) -> None:
        self.rests += 1


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def asked() -> list[Edit]:
    return []


@pytest.fixture
def steering(session: Session, asked: list[Edit]) -> Steering:
    config = Config(bounds=Bounds(highest=0.9))
    return Steering(session, config, asked.append)  # type: ignore[arg-type]


def test_to_begin_to_listen_changes_nothing(
    session: Session, steering: Steering, asked: list[Edit]
) -> None:
    assert session.edit == Session().edit
    assert session.show == Show(badge=False)
    assert asked == []


def test_orders_build_on_what_keys_did_and_stay_in_bounds(
    session: Session, steering: Steering, asked: list[Edit]
) -> None:
    session.edit = Edit(Emotion.FEAR, 0.5)
    session.show = Show(frozen=True, badge=False)
    steering({"type": "edit", "intensity": 1.4})
    assert session.edit == Edit(Emotion.FEAR, 0.9)
    assert session.show == Show(frozen=True, badge=False)
    assert asked == [session.edit]
    steering({"type": "show", "frozen": False})
    assert session.show == Show(badge=False)


def test_a_panic_by_key_is_not_undone_by_a_stream_but_by_an_emotion(
    session: Session, steering: Steering
) -> None:
    steering({"type": "edit", "mouth": 0.5})
    session.panic()
    steering({"type": "edit", "coefficients": {"jawOpen": 1.0}})
    steering({"type": "edit", "intensity": 0.4})
    steering({"type": "edit", "valence": 0.4, "arousal": 0.1})
    assert session.edit == PANIC
    steering({"type": "edit", "emotion": "sad"})
    assert session.edit == Edit(Emotion.SAD, 0.8, brows=0.3, mouth=0.5, ramp_ms=400.0)


def test_a_panic_by_osc_is_one(session: Session, steering: Steering, asked: list[Edit]) -> None:
    steering({"type": "panic"})
    assert session.edit == PANIC
    assert asked == [PANIC]
    steering({"type": "preset", "name": "friendly"})
    assert session.edit.emotion is Emotion.HAPPY


def test_what_cannot_be_followed_is_passed_over(session: Session, steering: Steering) -> None:
    steering({"type": "preset", "name": "of nobody"})
    steering({"type": "edit", "emotion": "bored"})
    assert session.edit == Session().edit


def test_a_resting_face_by_osc_changes_no_edit(
    session: Session, steering: Steering, asked: list[Edit]
) -> None:
    steering({"type": "rest"})
    assert (session.rests, session.edit, asked) == (1, Session().edit, [])

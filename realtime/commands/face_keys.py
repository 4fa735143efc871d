"""What the keys and signals of ``visavis camera`` do to the face."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

from realtime.commands.keys import Keys
from realtime.session import Session
from realtime.types import Edit
from realtime.voice.follow import Follow
from realtime.voice.live import LiveVoice

HELP = (
    "Keys: p your own face at once (panic), e the edit again, f freeze, b badge, "
    "r you look as you do at rest."
)
HELP_VOICE = "v follows the voice, or no more."


@contextmanager
def face_keys(
    session: Session,
    edit: Edit,
    asked: Callable[[Edit], None] = lambda edit: None,
    voice: LiveVoice | None = None,
) -> Generator[Keys]:
    """Obey the keys until the end of the block; SIGUSR1 is a panic too, for key bindings.

    ``asked`` hears of each change of the edit. A ``voice`` that leads the face can be hushed.
    """
    follow = Follow() if voice is None else voice.guide.follow

    def panic() -> None:
        session.panic()
        asked(session.edit)

    def again() -> None:
        session.edit = edit
        asked(edit)

    def freeze() -> None:
        session.show = replace(session.show, frozen=not session.show.frozen)

    def badge() -> None:
        session.show = replace(session.show, badge=not session.show.badge)

    def listen() -> None:
        if voice is not None:
            wanted = Follow() if voice.guide.follow.on else follow
            voice.guide = replace(voice.guide, follow=wanted)

    actions = {
        "p": panic, "e": again, "f": freeze, "b": badge, "v": listen, "r": session.take_rest,
    }  # fmt: skip
    with _signalled(panic), Keys(actions) as keys:
        yield keys


@contextmanager
def _signalled(panic: Callable[[], None]) -> Generator[None]:
    usr1: Any = getattr(signal, "SIGUSR1", None)  # Windows has none
    if usr1 is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def obey(number: int, frame: object) -> None:
        panic()

    before = cast(Any, signal.signal(usr1, obey))
    try:
        yield
    finally:
        signal.signal(usr1, before)

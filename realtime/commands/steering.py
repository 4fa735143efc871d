"""OSC beside the keys of ``visavis camera``: both change one session; neither undoes a panic."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from realtime.config import Config
from realtime.osc.orders import Order
from realtime.presets import all_presets
from realtime.server.controls import Controls
from realtime.server.messages import MessageError
from realtime.session import Session
from realtime.types import PANIC, Edit, Show
from realtime.voice.follow import Follow, Guide
from realtime.voice.live import LiveVoice

logger = logging.getLogger(__name__)


NOTHING: Mapping[str, Any] = {"emotion": None, "affect": None, "coefficients": ()}


class Steering:
    """Follows orders; what the session shows is what counts, for keys change it too.

    Called on one thread. ``asked`` hears of each change of the edit.
    """

    def __init__(
        self,
        session: Session,
        config: Config,
        asked: Callable[[Edit], None],
        voice: LiveVoice | None = None,
    ) -> None:
        self._voice = voice
        follow = Follow() if voice is None else voice.guide.follow
        self._session = session
        self._asked = asked
        self._last = session.edit
        self._controls = Controls(session.edit, config.bounds, all_presets(config.presets), follow)
        self._controls.show = session.show
        self._controls.lead(self)

    def __call__(self, order: Order) -> None:
        """Follow ``order``; what cannot be followed is passed over, as nobody could be told."""
        controls = self._controls
        controls.panicking = self._session.edit == PANIC
        if not controls.panicking:
            self._last = self._session.edit
        controls.edit = replace(self._last, **NOTHING) if controls.panicking else self._last
        controls.show = self._session.show
        try:
            controls.stream(order)
        except MessageError as error:
            logger.debug("an OSC message was not followed: %s", error)

    @property
    def edit(self) -> Edit:
        """What the face is to show."""
        return self._session.edit

    @edit.setter
    def edit(self, edit: Edit) -> None:
        if edit != self._session.edit:
            self._session.edit = self._last = edit
            self._asked(edit)

    @property
    def show(self) -> Show:
        """How the picture is shown."""
        return self._session.show

    @show.setter
    def show(self, show: Show) -> None:
        self._session.show = show

    @property
    def guide(self) -> Guide:
        """What holds for a face that follows the voice."""
        return Guide() if self._voice is None else self._voice.guide

    @guide.setter
    def guide(self, guide: Guide) -> None:
        if self._voice is not None:
            self._voice.guide = guide

    def take_rest(self) -> None:
        """Take the largest face of the next pictures for how it looks at rest."""
        self._session.take_rest()

    def panic(self) -> None:
        """Drop the edit at once."""
        self._session.panic()
        self._asked(self._session.edit)

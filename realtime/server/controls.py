"""What one session is asked to show, and everybody who is told when that changes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from typing import Protocol

from realtime.bounds import Bounds, bounded, tightened
from realtime.server.messages import (
    BoundsChange,
    EditChange,
    FollowChange,
    MessageError,
    Panic,
    PresetChoice,
    Rest,
    ShowChange,
    understood,
)
from realtime.server.replies import (
    Message,
    bounds_message,
    edit_message,
    follow_message,
    show_message,
)
from realtime.types import Edit, Show
from realtime.voice.follow import Follow, Guide

Change = EditChange | PresetChoice | ShowChange | FollowChange | Panic | Rest | BoundsChange
Tell = Callable[[Message], None]


class Shown(Protocol):
    """What obeys the controls: the call, once there is one."""

    @property
    def edit(self) -> Edit:
        """What the face is to show."""
        ...

    @edit.setter
    def edit(self, edit: Edit) -> None: ...

    @property
    def show(self) -> Show:
        """How the picture is shown."""
        ...

    @show.setter
    def show(self, show: Show) -> None: ...

    @property
    def guide(self) -> Guide:
        """What holds for a face that follows the voice."""
        ...

    @guide.setter
    def guide(self, guide: Guide) -> None: ...

    def panic(self) -> None:
        """Drop the edit at once."""
        ...

    def take_rest(self) -> None:
        """Take the largest face of the next pictures for how it looks at rest."""
        ...


class Controls:
    """The state that page and controllers of one session share; belongs to the event loop.

    Every change is bounded first, then handed to the call, then told to all who follow.

    Args:
        edit: what is shown until someone chooses otherwise.
        bounds: what the settings allow; the person at the page may only tighten them.
        presets: whole edits by name.
        follow: what the voice does to the face until someone chooses otherwise.
    """

    def __init__(
        self,
        edit: Edit,
        bounds: Bounds,
        presets: Mapping[str, Edit],
        follow: Follow | None = None,
    ) -> None:
        self._allowed = self.bounds = bounds
        self._presets = presets
        self._followers: list[Tell] = []
        self._shown: Shown | None = None
        self.edit = bounded(edit, bounds)
        self.show = Show()
        self.follow_voice = follow or Follow()
        self.panicking = False

    @contextmanager
    def following(self, tell: Tell) -> Generator[None, None, None]:
        """Tell the state now and every change until the end of the block."""
        for message in (
            edit_message(self.edit),
            show_message(self.show),
            follow_message(self.follow_voice),
            bounds_message(self.bounds),
        ):
            tell(message)
        self._followers.append(tell)
        try:
            yield
        finally:
            self._followers.remove(tell)

    def lead(self, shown: Shown) -> None:
        """Let ``shown`` obey from now on."""
        self._shown = shown
        shown.edit = self.edit
        shown.show = self.show
        shown.guide = Guide(self.follow_voice, self.bounds)

    def tell(self, message: Message) -> None:
        """Pass ``message`` on to all who follow."""
        for tell in self._followers:
            tell(message)

    def follow(self, change: Change, *, owner: bool) -> None:
        """Make ``change``, if whoever asks may: ``owner`` is the person whose face it is.

        Raises:
            MessageError: it cannot be made, or not by them; nothing has changed.
        """
        match change:
            case EditChange():
                self._set_edit(change.apply(self.edit))
            case PresetChoice(name):
                self._set_edit(self._preset(name))
            case Panic():
                self._panic()
            case Rest():
                if self._shown is not None:
                    self._shown.take_rest()
            case ShowChange():
                self._set_show(change, owner=owner)
            case FollowChange():
                self._set_follow(change.apply(self.follow_voice))
            case BoundsChange(bounds):
                self._set_bounds(bounds, owner=owner)

    def stream(self, order: Mapping[str, object]) -> None:
        """Follow what a program sends all the time, as OSC does: it lifts no panic by going on.

        Only an emotion or a preset by its name does. Coefficients come with every picture and are
        told to nobody.

        Raises:
            MessageError: it cannot be followed.
        """
        change = understood(order)
        assert isinstance(change, EditChange | PresetChoice | ShowChange | Panic | Rest)
        if not isinstance(change, EditChange):
            self.follow(change, owner=False)
        elif self.panicking and change.fields.get("emotion") is None:
            return
        elif set(change.fields) == {"coefficients"}:
            self.edit = bounded(change.apply(self.edit), self.bounds)
            self._pass_on_edit()
        else:
            self.follow(change, owner=False)

    def _set_edit(self, edit: Edit) -> None:
        self.edit = bounded(edit, self.bounds)
        self.panicking = False
        self._pass_on_edit()
        self.tell(edit_message(self.edit))

    def _panic(self) -> None:
        """Leave the face alone at once; what is not the emotion stays for the next edit.

        The voice drives it no more either, until someone asks for that again.
        """
        self.edit = replace(self.edit, emotion=None, affect=None, coefficients=())
        if self.follow_voice.on:
            self._set_follow(replace(self.follow_voice, follow="off", calm=False))
        self.panicking = True
        if self._shown is not None:
            self._shown.panic()
        self.tell(edit_message(self.edit))

    def _set_show(self, change: ShowChange, *, owner: bool) -> None:
        if not owner and (change.badge is not None or change.mark is not None):
            raise MessageError("Only the page of the call may switch its badge and mark.")
        self.show = change.apply(self.show)
        if self._shown is not None:
            self._shown.show = self.show
        self.tell(show_message(self.show))

    def _set_follow(self, follow: Follow) -> None:
        self.follow_voice = follow
        self._pass_on_guide()
        self.tell(follow_message(follow))

    def _set_bounds(self, wanted: Bounds, *, owner: bool) -> None:
        """Hold the edit to what is allowed now; to loosen them again brings no former edit back."""
        if not owner:
            raise MessageError("Only the page of the call may set its bounds.")
        try:
            self.bounds = tightened(self._allowed, wanted)
        except ValueError as error:
            raise MessageError(f"The settings do not allow these bounds: {error}.") from error
        self.tell(bounds_message(self.bounds))
        self._pass_on_guide()
        held = bounded(self.edit, self.bounds)
        if held != self.edit:
            self.edit = held
            self._pass_on_edit()
            self.tell(edit_message(held))

    def _preset(self, name: str) -> Edit:
        try:
            return self._presets[name]
        except KeyError:
            close = get_close_matches(name, self._presets, n=1)
            hint = f"did you mean {close[0]!r}" if close else f"known: {', '.join(self._presets)}"
            raise MessageError(f"There is no preset {name[:40]!r} ({hint}).") from None

    def _pass_on_guide(self) -> None:
        if self._shown is not None:
            self._shown.guide = Guide(self.follow_voice, self.bounds)

    def _pass_on_edit(self) -> None:
        if self._shown is not None:
            self._shown.edit = self.edit

"""What is done to a picture after the filter: freezing, badge and mark, and what panic undoes.

None of it touches the filter, so what the filter leaves alone stays bit by bit as the camera gave
it wherever no badge and no mark is wanted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import cv2

from realtime.badge import label, stamped
from realtime.mark import marked, word_of
from realtime.types import PANIC, Edit, Filtered, Frame, Pixels, Rung, Show

THAW = 150_000_000
"""How long a held picture takes to become the live one again, in nanoseconds."""

LINGER = 300_000_000
"""How long the badge takes to fade once nothing is edited any more."""


@dataclass(frozen=True, slots=True)
class _Held:
    """The picture on show while it is frozen, and the camera's own of the same moment."""

    came: Frame
    filtered: Filtered


class Presentation:
    """Finishes one picture after another; belongs to the thread that filters."""

    def __init__(self) -> None:
        self._held: _Held | None = None
        self._thaw: Filtered | None = None
        self._named: Edit | None = None
        self._edited: int | None = None

    def __call__(
        self, came: Frame, filtered: Filtered | None, edit: Edit, show: Show
    ) -> Filtered | None:
        """Return what is shown of ``came``, of which the filter made ``filtered``."""
        if edit == PANIC and (filtered is None or filtered.rung is Rung.REPEAT):
            # A repeated picture still shows what was dropped.
            filtered = Filtered(came, Rung.UNFILTERED)
        if filtered is not None:
            filtered = self._frozen(came, filtered, edit, show.frozen)
            return self._signed(filtered, edit, show)
        return None

    def _frozen(self, came: Frame, filtered: Filtered, edit: Edit, wanted: bool) -> Filtered:
        """Hold the picture while that is wanted; a panic drops its edit, not the hold."""
        if wanted:
            held = self._held = self._held or _Held(came, filtered)
            bare = edit == PANIC
            frame = _at(came, held.came if bare else held.filtered.frame)
            self._thaw = replace(filtered, frame=frame, edited=held.filtered.edited and not bare)
            return self._thaw
        self._held = None
        if self._thaw is None:
            return filtered
        share = (came.captured - self._thaw.frame.captured) / THAW
        if share >= 1 or edit == PANIC or not _alike(self._thaw.frame, filtered.frame):
            self._thaw = None
            return filtered
        blend = _blended(self._thaw.frame, filtered.frame, share)
        return replace(filtered, frame=blend, edited=filtered.edited or self._thaw.edited)

    def _signed(self, filtered: Filtered, edit: Edit, show: Show) -> Filtered:
        """Add badge and mark to what is edited; the badge fades, so that it never flickers."""
        now, frame = filtered.frame.captured, filtered.frame
        asks = edit.emotion is not None or edit.affect is not None or edit.coefficients
        if self._named is None or (asks and not show.frozen):
            self._named = edit  # what fades away and what is held keep their names
        if filtered.edited:
            self._edited = now
            if show.mark:
                frame = marked(frame, word_of(self._named))
        elif edit == PANIC:
            self._edited = None
        if show.badge and self._edited is not None:
            left = 1 - (now - self._edited) / LINGER
            if left > 0:
                frame = stamped(frame, label(self._named), left)
        return filtered if frame is filtered.frame else replace(filtered, frame=frame)


def _at(moment: Frame, picture: Frame) -> Frame:
    """Return ``picture`` with the time stamps of ``moment``."""
    return replace(
        picture,
        captured=moment.captured,
        pts=moment.pts,
        time_base=moment.time_base,
        seq=moment.seq,
    )


def _alike(a: Frame, b: Frame) -> bool:
    return (a.width, a.height, a.format) == (b.width, b.height, b.format)


def _blended(old: Frame, new: Frame, share: float) -> Frame:
    planes = (
        cv2.addWeighted(a, 1 - share, b, share, 0.0)
        for a, b in zip(old.planes, new.planes, strict=True)
    )
    return new.with_planes(tuple(cast("Pixels", plane) for plane in planes))

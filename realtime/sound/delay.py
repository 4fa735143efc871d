"""The one playout delay T that picture and sound share, so that both leave at capture + T."""

from __future__ import annotations

from realtime.clock import MS
from realtime.sync import Dwell

RESERVE = 10 * MS
"""How much longer sound is held than its devices usually need."""

GROUP = 200 * MS
"""Of the blocks in so long only the slowest counts: sound that is not there in time is heard."""

MOST = 1000 * MS
"""No delay is longer: a call is a conversation."""


class PlayoutDelay:
    """Learns how long the picture and the sound are on their way; the slower one decides for both.

    Args:
        frame: how long a picture lasts; how evenly pictures come is known to no better than that.
        sound_offset: how much later sound is to leave than the picture, for a set-up whose camera
            or screen is slow; negative holds the picture instead.
    """

    def __init__(self, frame: int, sound_offset: int = 0) -> None:
        self._frame = frame
        self._offset = sound_offset
        self._pictures = Dwell()
        self._sounds = Dwell(cautious=True)
        self._shown = False
        self._slowest = 0
        self._since: int | None = None

    @property
    def ns(self) -> int:
        """T: how long after its capture anything leaves."""
        picture = self._pictures.ns + self._frame if self._shown else 0
        sound = self._sounds.ns + RESERVE if self._sounds.ns else 0
        return min(MOST, max(picture, sound))

    @property
    def picture(self) -> int:
        """How long a picture is held, from its capture."""
        return self.ns + max(0, -self._offset)

    @property
    def sound(self) -> int:
        """How long sound is held, from its capture."""
        return self.ns + max(0, self._offset)

    @property
    def sound_known(self) -> bool:
        """Whether it has been learnt how long the sound devices need."""
        return self._sounds.ns > 0

    def picture_took(self, dwell: int, now: int) -> None:
        """Take in that a picture was ready ``dwell`` after its capture."""
        self._pictures.add(min(dwell, MOST), now)
        self._shown = True

    def sound_takes(self, dwell: int, now: int) -> None:
        """Take in that sound could not have been heard sooner than ``dwell`` after its capture."""
        if dwell >= MOST // 2:  # a device that went away is not waited for
            return
        self._slowest = max(self._slowest, dwell)
        self._since = now if self._since is None else self._since
        if now - self._since >= GROUP:
            self._sounds.add(self._slowest, now)
            self._slowest, self._since = 0, now
